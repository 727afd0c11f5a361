import Connectors
import Domain
import JSON

/// A source of a bundled connector that reads from a fake.
///
/// `broken` holds JSON5 members of the stream that take the place of those of its manifest, to see
/// that a connector broken so is found out.
func bundled(
  _ connector: String, stream: String, at address: String, source: String = "",
  broken: String = ""
) throws -> SourceDefinition {
  try shop(
    """
    {sources: {shop: {connector: "\(connector)", base_url: "\(address)", \(source)
      streams: {\(stream): {\(broken)}}}}}
    """)
}

extension Harvest {
  /// Reads the only stream of a source.
  init(
    _ source: SourceDefinition, secrets: [String: String], in windows: [Window]
  ) async throws {
    guard let stream = source.streams.first else { throw NoSuchSource() }
    let faults = ConnectorFactory.faults(in: source)
    guard faults.isEmpty else { throw UnsoundManifest(faults: faults.map(\.description)) }
    let factory = try factory(secrets: secrets)
    try await self.init(stream, by: factory.connector(for: stream, of: source), in: windows)
  }
}

/// A manifest that `backfill connectors check` would not let pass.
struct UnsoundManifest: Error {
  var faults: [String]
}
