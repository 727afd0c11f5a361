import Connectors
import Domain
import Operations
import Outbound

extension Program {
  /// Makes connectors, with the secrets and files of this machine.
  func connectorFactory(
    tell: @escaping @Sendable (Event) -> Void = { _ in }
  ) throws(OutboundError) -> ConnectorFactory {
    ConnectorFactory(
      client: try httpClient(), secrets: secrets, cacheFolder: "\(world.home)/indexes",
      host: ProgramHost(gate: world.executable, random: world.randomness.next, tell: tell),
      now: world.now)
  }

  /// Takes notices to their receivers, with the secrets of this machine.
  func courier() throws(OutboundError) -> Courier {
    Courier(
      client: try httpClient(),
      secrets: { [secrets] (reference) throws(SourceFailure) in try secrets.resolve(reference) },
      now: world.now)
  }

  private var secrets: SecretResolver { SecretResolver(environment: world.environment) }

  private func httpClient() throws(OutboundError) -> HTTPClient {
    var client = HTTPClientConfiguration()
    client.userAgent = "\(Program.name)/\(Program.version)"
    client.proxy = .environment
    return try HTTPClient(client)
  }

  /// Makes the connectors of backfills; the bundled source is started when it is needed.
  func connectorProvider(
    tell: @escaping @Sendable (Event) -> Void
  ) throws(OutboundError) -> Surroundings.ConnectorProvider {
    let factory = try connectorFactory(tell: tell)
    return { [bundledSource] definition, permits in
      try bundledSource.serve(definition.source)
      return try factory.connector(for: definition.stream, of: definition.source, permits: permits)
    }
  }

  /// Makes what verifies; the bundled source is started when it is needed.
  func verifierProvider() throws(OutboundError) -> Surroundings.VerifierProvider {
    let factory = try connectorFactory()
    return { [bundledSource] definition, permits in
      try bundledSource.serve(definition.source)
      return try factory.verifier(for: definition.stream, of: definition.source, permits: permits)
    }
  }
}
