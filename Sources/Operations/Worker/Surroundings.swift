public import Connectors
public import Domain
public import Postgres

/// What an operation takes from outside of itself: the database, the clock, the listener of events.
public struct Surroundings: Sendable {
  /// Makes the connector of a backfill's source and stream, which asks as often as permits let it.
  public typealias ConnectorProvider =
    @Sendable (BackfillDefinition, any RequestPermits) throws -> any Connector

  /// Makes what asks a backfill's source once more, as often as permits let it.
  public typealias VerifierProvider =
    @Sendable (BackfillDefinition, any RequestPermits) throws -> any SourceVerifier

  /// Connections for the work itself.
  public var pool: Pool
  /// A connection of its own for leases, so that no amount of work delays them.
  public var leasePool: Pool
  /// Makes connectors.
  public var connectors: ConnectorProvider
  /// Makes what verifies.
  public var verifiers: VerifierProvider
  /// The time.
  public var now: @Sendable () -> Instant
  /// Randomness for backoff.
  public var randomness: Randomness
  /// Who hears of what happens.
  public var tell: @Sendable (Event) -> Void

  /// Surroundings of operations.
  public init(
    pool: Pool, leasePool: Pool, connectors: @escaping ConnectorProvider,
    verifiers: @escaping VerifierProvider,
    now: @escaping @Sendable () -> Instant,
    randomness: Randomness,
    tell: @escaping @Sendable (Event) -> Void
  ) {
    self.pool = pool
    self.leasePool = leasePool
    self.connectors = connectors
    self.verifiers = verifiers
    self.now = now
    self.randomness = randomness
    self.tell = tell
  }
}
