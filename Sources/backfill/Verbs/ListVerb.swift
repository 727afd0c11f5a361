import Arguments
import Domain
import JSON
import Stores

/// `backfill list`: the backfills, newest first.
struct ListVerb: Verb {
  static let spec = CommandSpec(
    "list", "List backfills, the newest first.",
    options: [
      OptionSpec(
        "stream", .value("STREAM"), "Only those of a stream.", completion: .names("streams")),
      OptionSpec(
        "state", .value("STATE"), "Only those in a state.",
        allowed: BackfillState.allCases.map(\.rawValue)),
      OptionSpec("limit", .value("N"), "At most so many.", standard: "50"),
      .json,
    ],
    examples: [
      .init("backfill list", "The newest backfills"),
      .init("backfill list --state failed --json", "What failed, for a script"),
    ])

  private let filter: BackfillFilter
  private let json: Bool

  init(_ invocation: Invocation) throws {
    filter = BackfillFilter(
      stream: invocation.text("stream"),
      state: invocation.text("state").flatMap(BackfillState.init),
      limit: try invocation.integer("limit", in: 1...100_000) ?? 50)
    json = invocation.has("json")
  }

  func run(in program: Program) async throws -> ExitCode {
    let rows = try await program.withDatabase { database in
      try await BackfillStore(pool: database.pool).listBackfills(filter)
    }
    let output = program.world.output
    guard !json else {
      for row in rows { try output.write(.object(row.document)) }
      return .done
    }
    var table = TextTable(
      .numbers("ID"), "STREAM", "WINDOW", "STATE", "PARTITIONS", .numbers("RECORDS"), "SUBMITTED")
    for row in rows {
      let age = program.world.now().microseconds(since: row.submittedAt)
      table.add(
        row.id.description, row.mode == .load ? row.stream : "\(row.stream) (\(row.mode.rawValue))",
        Wording.partition(row.window, in: row.zone),
        row.stateWords(at: program.world.now()),
        Wording.outcomes(row.counts).replacing("partitions ", with: "")
          .replacing("partition ", with: ""),
        Wording.number(row.records.read), "\(Wording.duration(microseconds: age)) ago")
    }
    try output.write(table, orElse: "There are no backfills; see: backfill submit --help")
    return .done
  }
}

extension BackfillRow {
  /// The state, and what it waits for where that is the source.
  fileprivate func stateWords(at now: Instant) -> String {
    guard let until = sourceHeldUntil, state == .running, counts[.running] == 0 else {
      return state.words
    }
    let source = stream.prefix { $0 != "." }
    return "waiting for \(source) until \(Wording.clock(until, at: now, in: zone))"
  }
}

extension BackfillState {
  /// The state in a sentence.
  var words: String {
    switch self {
    case .awaitingApproval: "awaiting approval"
    case .running: "running"
    case .paused: "paused"
    case .succeeded: "succeeded"
    case .partiallyFailed: "partially failed"
    case .failed: "failed"
    case .cancelled: "cancelled"
    }
  }
}
