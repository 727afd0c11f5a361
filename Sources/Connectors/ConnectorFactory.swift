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
    /// The manifest behind it; nil where the source says all itself.
    public let manifest: JSONValue?
  }

  /// The connectors that every applied file may name.
  public static let kinds =
    [
      Kind(name: "rest", summary: "an HTTP API with JSON answers", manifest: nil),
      Kind(name: "files", summary: "CSV and NDJSON files, also packed by gzip", manifest: nil),
      Kind(name: "postgres", summary: "a table or query of a PostgreSQL database", manifest: nil),
    ] + BuiltInManifests.all.map { Kind(name: $0.name, summary: $0.summary, manifest: $0.manifest) }

  /// Their names.
  public static let connectors = kinds.map(\.name)

  private let client: HTTPClient
  private let secrets: SecretResolver
  private let cache: IndexCache
  private let now: @Sendable () -> Instant

  /// A factory; `cacheFolder` is where indexes of files are kept, `now` tells the time.
  public init(
    client: HTTPClient, secrets: SecretResolver, cacheFolder: String,
    now: @escaping @Sendable () -> Instant
  ) {
    self.client = client
    self.secrets = secrets
    cache = IndexCache(folder: cacheFolder)
    self.now = now
  }

  /// The connector of a stream, to be kept for all its partitions; it asks as often as `permits` let
  /// it.
  ///
  /// Throws `misconfigured` where the definition cannot work or a secret is not to be found.
  public func connector(
    for stream: StreamDefinition, of source: SourceDefinition,
    permits: any RequestPermits = FreePermits()
  ) throws(SourceFailure) -> any Connector {
    switch try settings(of: stream, source) {
    case .rest(let manifest, let restStream):
      let credentials = try Credentials(manifest.authentication) {
        (reference) throws(SourceFailure) in try secrets.resolve(reference)
      }
      return RestConnector(
        source: source.name,
        template: RequestTemplate(
          manifest: manifest, stream: restStream, credentials: credentials),
        client: PermittedClient(client: client, permits: permits, now: now), now: now)
    case .files(let specification, let zone):
      let time = TimeReader(format: specification.eventTime.format, zone: zone)
      return FileConnector(specification, time: time, fields: stream.fields, cache: cache)
    case .table(let address, let specification, let zone):
      return TableConnector(
        source: source.name, specification: specification,
        settings: try databaseSettings(secrets.resolve(address), of: source),
        time: TimeReader(format: specification.timeFormat, zone: zone))
    }
  }

  /// All that is wrong with what a source and its streams say to their connector, by path.
  public static func faults(in source: SourceDefinition) -> [Fault] {
    ConnectorSettings.faults(in: source)
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
