public import Domain
public import JSON
public import Outbound
import Postgres

/// Makes connectors out of definitions, and says what is wrong with definitions.
public struct ConnectorFactory: Sendable {
  /// A connector that every applied file may name.
  public struct Kind: Sendable {
    /// The name, as a source names it.
    public let name: String
    /// What it reads, in a few words.
    public let summary: String
    /// How far it was proved.
    public let standing: ConnectorStanding
    /// The manifest behind it; nil where the source says all itself.
    public let manifest: JSONValue?
  }

  /// The connectors that every applied file may name.
  public static let kinds =
    [
      kind("rest", "an HTTP API with JSON answers", .certified(against: "sources made for it")),
      kind("files", "CSV and NDJSON files, also packed by gzip", .certified(against: "real files")),
      kind(
        "singer", "any Singer tap, run as a process",
        .certified(against: "taps that break off, flood, hang, fork and lie")),
      kind(
        "airbyte", "any Airbyte source, run as a process",
        .certified(against: "sources that break off, flood, hang, fork and lie")),
      kind(
        "postgres", "a table or query of a PostgreSQL database", .certified(against: "PostgreSQL")),
    ]
    + BuiltInManifests.all.map {
      Kind(name: $0.name, summary: $0.summary, standing: $0.standing, manifest: $0.manifest)
    }

  private static func kind(
    _ name: String, _ summary: String, _ standing: ConnectorStanding
  ) -> Kind {
    Kind(name: name, summary: summary, standing: standing, manifest: nil)
  }

  /// Their names.
  public static let connectors = kinds.map(\.name)

  private let client: HTTPClient
  private let secrets: SecretResolver
  private let logins: Logins
  private let cache: IndexCache
  private let now: @Sendable () -> Instant
  private let host: ProgramHost?

  /// A factory; `cacheFolder` is where indexes of files are kept, `now` tells the time.
  ///
  /// Without a `host` no programs are run, and sources that are read by one cannot be.
  public init(
    client: HTTPClient, secrets: SecretResolver, cacheFolder: String, host: ProgramHost? = nil,
    now: @escaping @Sendable () -> Instant
  ) {
    self.host = host
    self.client = client
    self.secrets = secrets
    logins = Logins(client: client, secrets: secrets, now: now)
    cache = IndexCache(folder: cacheFolder)
    self.now = now
  }

  /// The connector of a stream, to be kept for all its partitions.
  ///
  /// Throws `misconfigured` where the definition cannot work or a secret is not to be found.
  public func connector(
    for stream: StreamDefinition, of source: SourceDefinition,
    permits: any RequestPermits = FreePermits()
  ) throws(SourceFailure) -> any Connector {
    switch try settings(of: stream, source) {
    case .rest(let manifest, let restStream):
      let (login, credentials) = try logins.login(of: source.name, manifest.authentication)
      return RestConnector(
        source: source.name,
        template: RequestTemplate(
          manifest: manifest, stream: restStream, credentials: credentials,
          eventTime: try eventTime(of: stream)),
        login: login, client: PermittedClient(client: client, permits: permits, now: now),
        now: now)
    case .files(let specification, let zone):
      let time = TimeReader(format: specification.eventTime.format, zone: zone)
      return FileConnector(specification, time: time, fields: stream.fields, cache: cache)
    case .process(let processSource, let processStream):
      return ProcessConnector(
        try launcher(of: processSource, reading: stream.name), stream: processStream,
        permits: permits, now: now)
    case .table(let address, let specification, let zone):
      return TableConnector(
        source: source.name, specification: specification,
        settings: try databaseSettings(secrets.resolve(address), of: source),
        time: TimeReader(format: specification.timeFormat, zone: zone))
    }
  }

  /// What asks the source of a stream once more, to be kept for all partitions of a verification.
  ///
  /// Throws `misconfigured` as `connector` does, and where the stream can be read in one way only.
  public func verifier(
    for stream: StreamDefinition, of source: SourceDefinition,
    permits: any RequestPermits = FreePermits()
  ) throws(SourceFailure) -> any SourceVerifier {
    switch try settings(of: stream, source) {
    case .rest(let manifest, let restStream):
      let reader = ObjectReader(stream.verify, path: "verify", faults: FaultCollector())
      let (login, credentials) = try logins.login(of: source.name, manifest.authentication)
      return RestVerifier(
        source: source.name, manifest: manifest, rules: restStream.errors + manifest.errors,
        definition: VerifyDefinition.read(reader, stream: stream), hiding: credentials,
        login: login,
        client: PermittedClient(client: client, permits: permits, now: now), now: now)
    case .files(let specification, _):
      return FileVerifier(specification: specification)
    case .process:
      return ReadingAgain(
        connector: try connector(for: stream, of: source, permits: permits))
    case .table(let address, let specification, let zone):
      return TableVerifier(
        connector: TableConnector(
          source: source.name, specification: specification,
          settings: try databaseSettings(secrets.resolve(address), of: source),
          time: TimeReader(format: specification.timeFormat, zone: zone)),
        measures: stream.measures)
    }
  }

  /// All that is wrong with what a source and its streams say to their connector, by path.
  public static func faults(in source: SourceDefinition) -> [Fault] {
    ConnectorSettings.faults(in: source)
  }

  /// The names of the parameters that a manifest asks for and does not give itself, each once.
  public static func parameters(missingIn manifest: JSONValue) -> [String] {
    let given = manifest["parameters"]?.object
    return Parameters.missing(in: manifest).filter { given?[$0]?.isNull ?? true }
  }

  /// What the source of a stream can give yet, and still; no bounds where its definition cannot be
  /// read, which the making of its connector tells.
  public static func horizon(
    of stream: StreamDefinition, _ source: SourceDefinition
  ) -> SourceHorizon {
    do throws(Faults) {
      if case .rest(_, let stream) = try ConnectorSettings(stream, of: source) {
        return stream.window.horizon
      }
    } catch {
      return .none
    }
    return .none
  }

  /// What would stand between this machine and the program that reads a stream; nil where none does.
  ///
  /// Throws `misconfigured` as `connector` does, and where the definition wants more than can be had.
  public func protection(
    of stream: StreamDefinition, _ source: SourceDefinition
  ) async throws(SourceFailure) -> ProcessProtection? {
    guard case .process(let source, _) = try settings(of: stream, source) else { return nil }
    return try await launcher(of: source, reading: stream.name).protection()
  }

  /// Whether a window of the stream is read in one pass, because its source cannot be told an end.
  public static func readsInOnePass(
    _ stream: StreamDefinition, of source: SourceDefinition
  ) -> Bool {
    do throws(Faults) {
      guard case .process(_, let stream) = try ConnectorSettings(stream, of: source) else {
        return false
      }
      return !stream.takesBothBounds
    } catch {
      // The making of its connector tells what is wrong.
      return false
    }
  }

  private func eventTime(
    of stream: StreamDefinition
  ) throws(SourceFailure) -> RequestTemplate.EventTime {
    do throws(InputFault) {
      return RequestTemplate.EventTime(
        path: stream.eventTime.path,
        reader: TimeReader(format: stream.eventTime.format, zone: try Zone(stream.eventTime.zone)))
    } catch {
      throw SourceFailure(
        .misconfigured, "The event time of \(stream.name) cannot be read: \(error)")
    }
  }

  private func launcher(
    of source: ProcessSource, reading stream: String
  ) throws(SourceFailure) -> ProcessLauncher {
    guard let host else {
      throw SourceFailure(
        .misconfigured, "\(stream) is read by a program, and none are run here.")
    }
    return try ProcessLauncher(source, reading: stream, secrets: secrets, host: host)
  }

  private func databaseSettings(
    _ address: String, of source: SourceDefinition
  ) throws(SourceFailure) -> ConnectionSettings {
    let settings = ConnectionSettings(address)
    do throws(PostgresError) {
      try settings.validate()
    } catch {
      throw SourceFailure(error, source: source.name)
    }
    return settings
  }

  private func settings(
    of stream: StreamDefinition, _ source: SourceDefinition
  ) throws(SourceFailure) -> ConnectorSettings {
    do throws(Faults) {
      return try ConnectorSettings(stream, of: source)
    } catch {
      throw SourceFailure(.misconfigured, "The definition of \(stream.name) cannot work: \(error)")
    }
  }
}
