public import Domain
public import JSON
public import Outbound

/// Makes connectors out of definitions, and says what is wrong with definitions.
public struct ConnectorFactory: Sendable {
  /// The connectors that every applied file may name.
  public static let connectors = ["rest", "files"] + BuiltInManifests.all.map(\.name)

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

  /// The connector of a stream, to be kept for all its partitions.
  ///
  /// Throws `misconfigured` where the definition cannot work or a secret is not to be found.
  public func connector(
    for stream: StreamDefinition, of source: SourceDefinition
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
        client: client, now: now)
    case .files(let specification, let zone):
      let time = TimeReader(format: specification.eventTime.format, zone: zone)
      return FileConnector(specification, time: time, fields: stream.fields, cache: cache)
    }
  }

  /// All that is wrong with what a source and its streams say to their connector, by path.
  public static func faults(in source: SourceDefinition) -> [Fault] {
    ConnectorSettings.faults(in: source)
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
