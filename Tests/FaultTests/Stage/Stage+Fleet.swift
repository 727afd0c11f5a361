import Connectors
import DatabaseFixtures
import Domain
import Foundation
import Operations
import Postgres

extension Stage {
  /// Lends a fleet to `body` whose members are tasks of this process and read from a connector.
  func withFleet<Value: Sendable>(
    of members: Int, reading connector: any Connector,
    budget: PartitionBudget = PartitionBudget(), _ body: (Fleet) async throws -> Value
  ) async throws -> Value {
    let fleet = Fleet(stage: self, connector: connector, budget: budget)
    for _ in 0..<members { fleet.add() }
    let result: Result<Value, any Error>
    do {
      result = .success(try await body(fleet))
    } catch {
      result = .failure(error)
    }
    try await fleet.drain()
    return try result.get()
  }
}

/// Members of a fleet in this process, which come and go.
///
/// `@unchecked Sendable`: what changes is guarded by `lock`.
final class Fleet: @unchecked Sendable {
  private struct Running {
    var member: FleetMember
    var task: Task<Void, any Error>
  }

  private let stage: Stage
  private let connector: any Connector
  private let budget: PartitionBudget
  private let lock = NSLock()
  private var running: [Running] = []
  private var started = 0

  init(stage: Stage, connector: any Connector, budget: PartitionBudget) {
    self.stage = stage
    self.connector = connector
    self.budget = budget
  }

  /// Starts a member.
  func add() {
    let number = lock.withLock {
      started += 1
      return started
    }
    let settings = ConnectionSettings(stage.conninfo, applicationName: "member")
    let generator = Generator(seed: Scale.seed &+ UInt64(number))
    let (pool, leasePool) = (
      Pool(settings, PoolLimits(connections: 4), generator: SeededGenerator(seed: 2)),
      Pool(settings, PoolLimits(connections: 2), generator: SeededGenerator(seed: 3))
    )
    let member = FleetMember(
      WorkerSettings(
        name: "member:\(number)", version: "test", concurrency: 3, leaseSeconds: 2,
        pollSeconds: 0.1, partitionBudget: budget),
      Surroundings(
        pool: pool, leasePool: leasePool, connectors: { [connector] _, _ in connector },
        verifiers: { _, _ in throw SourceFailure(.misconfigured, "Nothing is verified here.") },
        now: Stage.now, randomness: Randomness { generator.next() }, tell: { _ in }),
      listening: settings)
    let task = Task {
      try await member.run()
      await pool.close()
      await leasePool.close()
    }
    lock.withLock { running.append(Running(member: member, task: task)) }
  }

  /// Stops a member at once, as if it had died, and starts another.
  func replace(_ index: Int) async throws {
    let one = lock.withLock { running.remove(at: index % running.count) }
    add()
    await one.member.stop()
    try await one.task.value
  }

  /// Ends all members politely.
  func drain() async throws {
    let all = lock.withLock {
      defer { running = [] }
      return running
    }
    for one in all { await one.member.drain() }
    for one in all { try await one.task.value }
  }
}

/// `@unchecked Sendable`: everything is guarded by `lock`.
private final class Generator: @unchecked Sendable {
  private let lock = NSLock()
  private var generator: SeededGenerator

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
  }

  func next() -> UInt64 {
    lock.withLock { generator.next() }
  }
}
