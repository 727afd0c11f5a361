/// How many connections a pool holds and how long it keeps and awaits them.
public struct PoolLimits: Hashable, Sendable {
  /// The most connections at once, at least 1.
  public var connections: Int
  /// A connection that nobody needed for so long is closed.
  public var idleTimeout: Duration
  /// The longest wait for a connection, an outage of the server included.
  public var patience: Duration
  /// The pauses between attempts to connect.
  public var backoff: Backoff

  /// Limits for so many connections; others as most programs want them.
  public init(
    connections: Int, idleTimeout: Duration = .seconds(60), patience: Duration = .seconds(30),
    backoff: Backoff = Backoff()
  ) {
    self.connections = max(1, connections)
    self.idleTimeout = idleTimeout
    self.patience = patience
    self.backoff = backoff
  }
}
