import Cluster
import Domain
import Operations
import Postgres

extension Program {
  /// How many connections a working process needs for so many partitions at once.
  static func connections(forConcurrency concurrency: Int) -> Int {
    min(concurrency, 8) + 2
  }

  /// After so many seconds the partitions of a worker that died are claimed again.
  static let leaseSeconds = 15.0

  /// Lends a member of the fleet, not yet running, to `body`.
  nonisolated(nonsending) func withFleetMember<Value>(
    on database: Database, concurrency: Int, leaseSeconds: Double = Self.leaseSeconds,
    tell: @escaping @Sendable (Event) -> Void,
    _ body: nonisolated(nonsending) (FleetMember) async throws -> Value
  ) async throws -> Value {
    let leasePool = Pool(
      database.settings, PoolLimits(connections: 3), generator: world.randomness)
    let surroundings = Surroundings(
      pool: database.pool, leasePool: leasePool, connectors: try connectorProvider(),
      now: world.now, randomness: world.randomness, tell: Self.reviving(database.cluster, tell))
    let member = FleetMember(
      WorkerSettings(
        name: world.processName, version: Program.version, concurrency: concurrency,
        leaseSeconds: leaseSeconds),
      surroundings, listening: database.settings,
      notifier: try notifier(on: database, tell: tell))
    let result: Result<Value, any Error>
    do {
      result = .success(try await body(member))
    } catch {
      result = .failure(error)
    }
    await leasePool.close()
    return try result.get()
  }
}

extension Program {
  /// Delivers notices.
  func notifier(
    on database: Database, tell: @escaping @Sendable (Event) -> Void
  ) throws -> Notifier {
    Notifier(
      pool: database.pool, courier: try courier(), randomness: world.randomness, tell: tell)
  }

  /// Starts a private PostgreSQL that went away again: nobody else would.
  fileprivate static func reviving(
    _ cluster: Cluster?, _ tell: @escaping @Sendable (Event) -> Void
  ) -> @Sendable (Event) -> Void {
    guard let cluster else { return tell }
    return { event in
      tell(event)
      guard case .databaseLost = event else { return }
      Task {
        do {
          try await cluster.revive()
        } catch {
          tell(.troubled(part: "private PostgreSQL", message: "\(error)"))
        }
      }
    }
  }
}

extension FleetMember {
  /// Runs until the program is asked to end: the first signal drains, the second stops at once.
  func runUntilSignalled() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await obeySignals() }
      try await run()
      group.cancelAll()
    }
  }

  private func obeySignals() async {
    var isDraining = false
    for await _ in Signals.endings() {
      if isDraining { await stop() } else { await drain() }
      isDraining = true
    }
  }
}
