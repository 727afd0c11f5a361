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
      client: try httpClient(reaching: sourcePolicy), secrets: secrets,
      cacheFolder: "\(world.home)/indexes",
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

  /// Where sources may be: on the public internet, and on the hosts of BACKFILL_PRIVATE_HOSTS.
  ///
  /// A proxy judges for itself: what is connected to then is the proxy, mostly a private address.
  private var sourcePolicy: ConnectPolicy {
    let environment = world.environment
    let proxies = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
    if proxies.contains(where: { environment[$0]?.isEmpty == false }) { return .any }
    let hosts = (environment["BACKFILL_PRIVATE_HOSTS"] ?? "").lowercased()
      .split { $0 == "," || $0 == " " }.map(String.init)
    return .publicAddresses(except: Set(hosts))
  }

  private func httpClient(
    reaching policy: ConnectPolicy = .any
  ) throws(OutboundError) -> HTTPClient {
    var client = HTTPClientConfiguration()
    client.connectPolicy = policy
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
