import Arguments
import Domain
import Stores

/// `backfill retry`: tries again what failed, and nothing else.
struct RetryVerb: Verb {
  static let spec = CommandSpec(
    "retry", "Try again the partitions that failed or were cancelled, and nothing else.",
    discussion: """
      The set is one of partitions, not of dates: what succeeded is not touched. Each goes on from \
      its last checkpoint; only where too many records were rejected it begins anew.

      On the private PostgreSQL, --wait also does the work.
      """,
    arguments: [.backfill],
    options: [
      OptionSpec("partition", .repeated("N"), "Only the partition of this number."),
      OptionSpec("wait", .flag, "Wait for the end; the exit code tells how it went."),
      .json,
    ],
    examples: [
      .init("backfill retry 12", "Try again all that failed"),
      .init("backfill retry 12 --partition 73 --wait", "Try again one day, and wait for it"),
    ])

  private let id: BackfillID
  private let partitions: [Int32]
  private let waits: Bool
  private let json: Bool

  init(_ invocation: Invocation) throws {
    id = try invocation.backfillID()
    partitions = try invocation.values("partition", expecting: "the number of a partition") {
      Int32($0).flatMap { $0 > 0 ? $0 : nil }
    }
    waits = invocation.has("wait")
    json = invocation.has("json")
  }

  func run(in program: Program) async throws -> ExitCode {
    let connections =
      waits ? Program.connections(forConcurrency: Program.waitingConcurrency) : 2
    return try await program.withDatabase(connections: connections) { database in
      let code = try await retry(program, database)
      guard waits else {
        try await program.remarkWithoutWorkers(on: database, about: id)
        return code
      }
      return try await program.waitForEnd(of: id, on: database, json: json)
    }
  }

  private func retry(_ program: Program, _ database: Database) async throws -> ExitCode {
    if let row = try await BackfillStore(pool: database.pool).findBackfill(id),
      let unknown = partitions.first(where: { $0 > row.total })
    {
      throw Failure(
        .usage,
        "Backfill \(id) has no partition \(unknown); it has those from 1 to \(row.total).")
    }
    let chosen = partitions.isEmpty ? nil : partitions
    let words = SteeringWords(participle: "retried", goal: .succeeded) { id, count in
      count == 0
        ? "Nothing of backfill \(id) that was asked for had failed; nothing was changed."
        : "\(Wording.count(count, "partition")) of backfill \(id) \(count == 1 ? "is" : "are") "
          + "tried again."
    }
    let telling: Program.Telling = json ? waits ? .nothing : .json : .text
    return try await program.steer(id, words, telling, on: database) {
      try await $0.retryBackfill(id, partitions: chosen)
    }
  }
}

extension Program {
  /// Says so where nobody works and the backfill would wait.
  func remarkWithoutWorkers(on database: Database, about id: BackfillID) async throws {
    let found = try await ProgressStore(pool: database.pool).findProgress(of: id)
    guard let (row, facts) = found, !row.state.isTerminal, facts.workersAlive == 0 else { return }
    world.errors.remark("No worker is alive; start one with: \(commandPrefix) worker")
  }
}
