import Domain
import Migrations
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
    let reviver = database.cluster.map { Reviver(cluster: $0, tell: tell) }
    let reviving = Task { await reviver?.run() }
    let reconnecting = Postgres.Backoff(cap: .seconds(min(2, leaseSeconds / 5)))
    let leasePool = Pool(
      database.settings, PoolLimits(connections: 3, backoff: reconnecting),
      generator: world.randomness)
    let surroundings = Surroundings(
      pool: database.pool, leasePool: leasePool, connectors: try connectorProvider(tell: tell),
      verifiers: try verifierProvider(),
      now: world.now, randomness: world.randomness, tell: tell)
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
    reviving.cancel()
    await reviving.value
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
}

extension FleetMember {
  /// Runs until the program is asked to end: the first signal drains, the second stops at once.
  ///
  /// A schema that does not fit any more stops it too, and is thrown.
  func runUntilSignalled(on database: Database) async throws {
    // From now on, and not only once the task has begun.
    let endings = Signals.endings()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await obey(endings) }
      group.addTask {
        guard let mismatch = await SchemaWatch(pool: database.pool).mismatch() else { return }
        await stop()
        throw Failure(.schemaMismatch, mismatch.message)
      }
      try await run()
      group.cancelAll()
      try await group.waitForAll()
    }
  }

  private func obey(_ endings: AsyncStream<Void>) async {
    var isDraining = false
    for await _ in endings {
      if isDraining { await stop() } else { await drain() }
      isDraining = true
    }
  }
}
