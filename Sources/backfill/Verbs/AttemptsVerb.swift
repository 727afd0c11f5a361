import Arguments
import Domain
import JSON
import Operations
import Stores

/// `backfill attempts`: the history of a backfill's attempts.
struct AttemptsVerb: Verb {
  /// So many rows are read and written at a time: a backfill may have millions.
  private static let pageSize = 2_000

  static let spec = CommandSpec(
    "attempts", "List the attempts of a backfill that ended, by partition.",
    arguments: [.backfill],
    options: [
      OptionSpec("partition", .value("N"), "Only those of the partition of this number."),
      OptionSpec("limit", .value("N"), "At most so many."),
      .json,
    ],
    examples: [
      .init("backfill attempts 12 --partition 73", "What was tried with a day that failed")
    ])

  private let id: BackfillID
  private let partition: Int32?
  private let limit: Int
  private let json: Bool

  init(_ invocation: Invocation) throws {
    id = try invocation.backfillID()
    partition = try invocation.integer("partition", in: 1...Int(Int32.max)).map { Int32($0) }
    limit = try invocation.integer("limit", in: 1...1_000_000_000) ?? .max
    json = invocation.has("json")
  }

  func run(in program: Program) async throws -> ExitCode {
    try await program.withDatabase { database in
      let store = BackfillStore(pool: database.pool)
      guard try await store.findBackfill(id) != nil else {
        throw OperationFault.unknownBackfill(id)
      }
      var last: AttemptRow?
      var left = limit
      while true {
        let size = min(left, Self.pageSize)
        let page = try await store.listAttempts(
          of: id, partition: partition, after: last, limit: size)
        try write(page, isFirst: last == nil, program.world.output)
        left -= page.count
        guard page.count == size, left > 0 else { return .done }
        last = page.last
      }
    }
  }

  private func write(_ page: [AttemptRow], isFirst: Bool, _ output: Channel) throws {
    guard !json else {
      return try output.write(page.map { $0.document.encoded() + "\n" }.joined())
    }
    var table = TextTable(
      .numbers("PARTITION"), .numbers("ATTEMPT"), "ENDED (UTC)", .numbers("TOOK"), "OUTCOME",
      .numbers("BATCHES"), "WORKER", "WHY")
    for row in page {
      table.add(
        String(row.partition.number), String(row.attempt), Wording.second(row.endedAt),
        Wording.duration(microseconds: row.endedAt.microseconds(since: row.startedAt)),
        row.outcome.replacing("_", with: " "), String(row.batches),
        row.workerName ?? String(row.worker.rawValue), row.message ?? row.kind ?? "")
    }
    guard isFirst || !table.isEmpty else { return }
    try output.write(table, orElse: "No attempt has ended yet.")
  }
}

extension AttemptRow {
  /// One line of `attempts --json`.
  fileprivate var document: JSONValue {
    [
      "backfill": JSONValue(partition.backfill.rawValue), "partition": JSONValue(partition.number),
      "attempt": JSONValue(attempt), "outcome": .string(outcome), "batches": JSONValue(batches),
      "started_at": .instant(startedAt), "ended_at": .instant(endedAt), "kind": JSONValue(kind),
      "message": JSONValue(message), "worker": JSONValue(worker.rawValue),
      "worker_name": JSONValue(workerName),
    ]
  }
}
