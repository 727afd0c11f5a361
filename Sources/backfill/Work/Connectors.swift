import Connectors
import Domain
import Operations
import Outbound

extension Program {
  /// Makes connectors, with the secrets and files of this machine.
  func connectorFactory() throws(OutboundError) -> ConnectorFactory {
    var client = HTTPClientConfiguration()
    client.userAgent = "\(Program.name)/\(Program.version)"
    client.proxy = .environment
    return ConnectorFactory(
      client: try HTTPClient(client), secrets: SecretResolver(environment: world.environment),
      cacheFolder: "\(world.home)/indexes", now: world.now)
  }

  /// Makes the connectors of backfills; the bundled source is started when it is needed.
  func connectorProvider() throws(OutboundError) -> Surroundings.ConnectorProvider {
    let factory = try connectorFactory()
    return { [bundledSource] definition in
      try bundledSource.serve(definition.source)
      return try factory.connector(for: definition.stream, of: definition.source)
    }
  }
}
