import Arguments
import Domain
import JSON
import Stores

/// `backfill notices`: what was told, to whom, and how far the telling has come.
struct NoticesVerb: Verb {
  static let spec = CommandSpec(
    "notices", "List notices and their deliveries, the newest first.",
    discussion: """
      A delivery is retried for three days and then given up, with the reason shown here. Failures \
      are gathered for a minute before they are told, all at once.
      """,
    options: [OptionSpec("limit", .value("N"), "At most so many.", standard: "50"), .json],
    examples: [.init("backfill notices", "What was told, and whether it arrived")])

  private let limit: Int
  private let json: Bool

  init(_ invocation: Invocation) throws {
    limit = try invocation.integer("limit", in: 1...100_000) ?? 50
    json = invocation.has("json")
  }

  func run(in program: Program) async throws -> ExitCode {
    let rows = try await program.withDatabase { database in
      try await NoticeStore(pool: database.pool).listNotices(limit: limit)
    }
    let output = program.world.output
    guard !json else {
      for row in rows { try output.write(try row.document) }
      return .done
    }
    var table = TextTable("WHEN (UTC)", "SUBSCRIPTION", "DELIVERY", "NOTICE")
    for row in rows {
      let said =
        try row.notice?.headline
        ?? (row.settlesAt == nil ? "\(row.kind), overtaken by a retry" : "\(row.kind), gathering")
      for delivery in row.deliveries {
        table.add(Wording.second(row.createdAt), delivery.subscription, delivery.words, said)
      }
      if row.deliveries.isEmpty { table.add(Wording.second(row.createdAt), "-", "nobody", said) }
    }
    try output.write(table, orElse: "There was nothing to tell yet.")
    return .done
  }
}

extension NoticeRow.Delivery {
  /// How far it has come, in a few words.
  fileprivate var words: String {
    switch state {
    case .delivered: "delivered"
    case .givenUp: "given up: \(message ?? "")"
    case .pending:
      if let message {
        "again at \(nextAttemptAt.map(Wording.second) ?? ""): \(message)"
      } else {
        attempts == 0 ? "due" : "under way"
      }
    }
  }

  /// A member of `deliveries` in `notices --json`.
  fileprivate var document: JSONValue {
    [
      "subscription": .string(subscription), "team": .string(team),
      "state": .string(state.rawValue), "attempts": JSONValue(attempts),
      "next_attempt_at": .instant(nextAttemptAt), "ended_at": .instant(endedAt),
      "message": JSONValue(message),
    ]
  }
}

extension NoticeRow {
  /// The notice; nil while it may still change, and where a retry overtook it.
  fileprivate var notice: Notice? {
    get throws {
      guard let facts, facts != "{}" else { return nil }
      return try Notice(
        id: id, kindName: kind, facts: try JSONValue.parse(facts), createdAt: createdAt)
    }
  }

  /// One line of `notices --json`.
  fileprivate var document: JSONValue {
    get throws {
      let notice = try notice
      return [
        "id": .string(id.rawValue), "kind": .string(kind), "backfill": .number(backfill?.rawValue),
        "created_at": .instant(createdAt), "settles_at": .instant(settlesAt),
        "text": JSONValue(notice?.text), "data": notice.map { .object($0.occasion.json) } ?? .null,
        "deliveries": .array(deliveries.map(\.document)),
      ]
    }
  }
}
