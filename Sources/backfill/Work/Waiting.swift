import Domain
import JSON
import Operations
import Stores

extension Program {
  /// How many partitions a command that waits runs at once.
  static let waitingConcurrency = 8

  /// Waits for the end of a backfill, working it meanwhile where nobody else would, and tells what
  /// became of it.
  func waitForEnd(
    of id: BackfillID, on database: Database, json: Bool
  ) async throws -> ExitCode {
    guard database.cluster != nil else { return try await watch(id, on: database, json: json) }
    var follower = follower(of: id, on: database, json: json)
    follower.isWorking = true
    let working = follower
    let troubles = TroubleDisplay(world.errors)
    let row = try await withFleetMember(
      on: database, concurrency: Self.waitingConcurrency, tell: troubles.write
    ) { member in
      try await Self.ending(of: member, on: database, or: working)
    }
    // Nobody else would tell of the end before the next command that works.
    try await notifier(on: database, tell: troubles.write)
      .deliverDue(within: .seconds(10))
    return try await end(row, of: id, on: database, json: json)
  }

  /// Follows a backfill that others work on, and tells what became of it.
  func watch(_ id: BackfillID, on database: Database, json: Bool) async throws -> ExitCode {
    // With a display the display says so.
    if json { try await remarkWithoutWorkers(on: database, about: id) }
    let row = try await Self.ending(or: follower(of: id, on: database, json: json))
    return try await end(row, of: id, on: database, json: json)
  }

  private func follower(of id: BackfillID, on database: Database, json: Bool) -> Follower {
    Follower(
      store: ProgressStore(pool: database.pool), id: id, now: world.now,
      channel: json ? nil : world.output)
  }

  private func end(
    _ row: BackfillRow?, of id: BackfillID, on database: Database, json: Bool
  ) async throws -> ExitCode {
    guard let row else { return leave(id, isPrivate: database.cluster != nil) }
    guard row.mode == .verify else {
      try await tellEnd(of: row, on: database, json: json)
      return row.state == .succeeded ? .done : .incomplete
    }
    try await tellProof(of: row, on: database, json: json)
    guard row.state == .succeeded else { return .incomplete }
    let proof = try await VerificationStore(pool: database.pool).findProof(of: row.id)
    return proof?.isEqual == false ? .different : .done
  }

  /// What one of several tasks came to.
  private enum Ending: Sendable {
    case ended(BackfillRow)
    case stopped
  }

  /// The backfill once it has ended; nil when the program was asked to end before.
  private static func ending(
    of member: FleetMember, on database: Database, or follower: Follower
  ) async throws -> BackfillRow? {
    try await withThrowingTaskGroup(of: Ending.self) { group in
      group.addTask {
        try await member.runUntilSignalled(on: database)
        return .stopped
      }
      group.addTask { .ended(try await follower.follow()) }
      var row: BackfillRow?
      do {
        while case .ended(let ended)? = try await group.next() {
          row = ended
          await member.drain()
        }
      } catch {
        // A member that is only cancelled does not give back what it holds.
        await member.drain()
        throw error
      }
      group.cancelAll()
      return row
    }
  }

  private static func ending(or follower: Follower) async throws -> BackfillRow? {
    let endings = Signals.endings()
    return try await withThrowingTaskGroup(of: Ending.self) { group in
      group.addTask { .ended(try await follower.follow()) }
      group.addTask {
        for await _ in endings { break }
        return .stopped
      }
      defer { group.cancelAll() }
      guard case .ended(let row)? = try await group.next() else { return nil }
      return row
    }
  }

  /// The program was asked to end before the backfill did.
  private func leave(_ id: BackfillID, isPrivate: Bool) -> ExitCode {
    let onward = isPrivate ? "\(commandPrefix) worker" : "\(commandPrefix) watch \(id)"
    world.errors.remark(
      isPrivate
        ? "Backfill \(id) has not ended; let it go on with: \(onward)"
        : "Backfill \(id) goes on without this command; follow it with: \(onward)")
    return .failed
  }

  /// Tells what became of a backfill that has ended.
  func tellEnd(of row: BackfillRow, on database: Database, json: Bool) async throws {
    let store = BackfillStore(pool: database.pool)
    let measures = try await store.sumMeasures(of: row.id)
    if json {
      var document = row.document
      document["measures"] = .array(measures.map(\.document))
      return try world.output.write(.object(document))
    }
    let failed = try await store.listPartitions(
      of: row.id, state: .failed, after: 0, limit: 10_000)
    let summary = EndSummary(
      row: row, measures: measures, failed: failed, command: commandPrefix)
    for line in summary.lines { try world.output.line(line) }
  }

  /// How this program is called with the same database, for commands that a person is to type.
  var commandPrefix: String {
    let name = world.programName
    return databaseURL == nil ? name : "\(name) --database URL"
  }
}
