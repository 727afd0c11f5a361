import Arguments
import Domain
import JSON
import Operations
import Stores

/// `backfill compare`: compares two streams, such as orders with their charges.
struct CompareVerb: Verb {
  /// So many pairs are named, unless all are asked for.
  private static let mostNamed = 20

  static let spec = CommandSpec(
    "compare",
    "Compare two streams by what their records share: missing, doubled, refunded, different.",
    discussion: """
      The documents of both streams are matched by a field of each, and compared by amount and day, \
      currency by currency. What one stream has and the other has not is missing there; more \
      documents on one side than on the other, with other amounts, are doubled; the same amount, of \
      which only one side knows that it was given back (a negative measure), is refunded. Documents \
      that the source no longer has do not count. Nothing is asked of any source.

      The result is kept under a number, by which --show tells it again.
      """,
    synopsis: [
      "A B --by FIELD[=FIELD] (--from DATE --to DATE | --last SPAN) [options]", "--show N",
    ],
    arguments: [
      ArgumentSpec(
        "A", "The first stream, such as shop.orders.", count: .optional,
        completion: .names("streams")),
      ArgumentSpec(
        "B", "The second stream, such as stripe.charges.", count: .optional,
        completion: .names("streams")),
    ],
    options: [
      OptionSpec(
        "by", .value("FIELD[=FIELD]"), "The field of A, and that of B where it is another."),
      OptionSpec(
        "measure", .value("NAME[=NAME]"),
        "The measure of A, and that of B; default the only one, or amount."),
      OptionSpec("from", .value("DATE"), "The first day, or the first instant."),
      OptionSpec("to", .value("DATE"), "The day after the last, or the first instant after."),
      OptionSpec("last", .value("SPAN"), "So many complete units up to now: 30d, 12h, 4w, 3mo."),
      OptionSpec("time-zone", .value("ZONE"), "The zone of the dates; default that of A."),
      OptionSpec("days", .value("N"), "How many days a pair may lie apart.", standard: "1"),
      OptionSpec("show", .value("N"), "Tell again what a comparison came to."),
      OptionSpec("all", .flag, "Name every pair that is not equal, not only the first 20."),
      .json,
    ],
    examples: [
      .init(
        "backfill compare shop.orders stripe.charges --by id=metadata.order_id --last 30d",
        "Orders without a charge, charged twice, refunded, or of another amount"),
      .init("backfill compare --show 3 --all --json", "All of it again, for a script"),
    ])

  /// What is to be done.
  private enum Order {
    case show(Int64)
    case compare(
      streams: (String, String), paths: (String, String), measures: (String?, String?),
      window: WindowRequest, zone: String?, days: Int)
  }

  private let order: Order
  private let isAll: Bool
  private let json: Bool

  init(_ invocation: Invocation) throws {
    json = invocation.has("json")
    isAll = invocation.has("all") || json
    if let number = try invocation.integer("show", in: 1...Int.max) {
      order = .show(Int64(number))
      return
    }
    let by = try Self.pair(invocation.text("by") ?? { throw invocation.error(.missing("--by")) }())
    let measures = invocation.text("measure").map(Self.pair)
    order = .compare(
      streams: (try invocation.requiredArgument("A"), try invocation.requiredArgument("B")),
      paths: by, measures: (measures?.0, measures?.1),
      window: try WindowRequest(
        from: invocation.text("from"), to: invocation.text("to"), last: invocation.text("last")),
      zone: try invocation.text("time-zone").map { name throws(InputFault) in
        try Zone(name).name
      },
      days: try invocation.integer("days", in: 0...366) ?? 1)
  }

  func run(in program: Program) async throws -> ExitCode {
    try await program.withDatabase { database in
      let comparison = Comparison(pool: database.pool, now: program.world.now)
      let row: ComparisonRow
      switch order {
      case .show(let id): row = try await comparison.find(id)
      case .compare(let streams, let paths, let measures, let window, let zone, let days):
        row = try await comparison.run(
          Comparison.Request(
            streams: (streams.0, streams.1),
            paths: (JSONPath(paths.0).keys, JSONPath(paths.1).keys),
            measures: (measures.0, measures.1), window: window, timeZone: zone, days: days,
            requestedBy: program.world.user))
      }
      return try await tell(row, comparison, program.world.output, program.commandPrefix)
    }
  }

  private func tell(
    _ row: ComparisonRow, _ comparison: Comparison, _ output: Channel, _ command: String
  ) async throws -> ExitCode {
    var named = 0
    var hidden = 0
    if !json { try output.line(headline(row)) }
    let summary = try await comparison.judge(row) { pair, verdict in
      if isAll || named < Self.mostNamed {
        named += 1
        try output.line(json ? pair.document(verdict).encoded() : pair.text(verdict, row))
      } else {
        hidden += 1
      }
    }
    if json {
      try output.write(row.document(summary))
    } else {
      if hidden > 0 {
        try output.line(
          "  … and \(Wording.number(hidden)) more: \(command) compare --show \(row.id) --all")
      }
      for line in summary.lines(row) { try output.line(line) }
    }
    return summary.isEqual ? .done : .different
  }

  private func headline(_ row: ComparisonRow) -> String {
    "Comparison \(row.id): \(row.first) (\(Wording.count(row.firstRecords, "record"))) with "
      + "\(row.second) (\(Wording.count(row.secondRecords, "record"))), "
      + "\(Wording.window(row.window, in: row.zone))"
  }

  private static func pair(_ text: String) -> (String, String) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    return (parts.first ?? text, parts.last ?? text)
  }
}

extension ComparisonRow {
  fileprivate var zone: Zone {
    do throws(InputFault) { return try Zone(timeZone) } catch { return .utc }
  }

  /// The last line of `compare --json`.
  fileprivate func document(_ summary: Comparison.Summary) -> JSONValue {
    var counts = JSONObject()
    for verdict in ComparedPair.Verdict.allCases {
      counts[verdict.rawValue] = JSONValue(summary.counts[verdict] ?? 0)
    }
    return [
      "comparison": JSONValue(id), "first": .string(first), "second": .string(second),
      "window": window.document, "first_records": JSONValue(firstRecords),
      "second_records": JSONValue(secondRecords), "pairs": .object(counts),
      "is_equal": JSONValue(summary.isEqual), "compared_at": .instant(comparedAt),
    ]
  }
}

extension ComparedPair {
  /// One line of `compare --json`; amounts as text, for they are exact.
  fileprivate func document(_ verdict: Verdict) -> JSONValue {
    [
      "match": .string(match), "verdict": .string(verdict.rawValue),
      "currency": .string(currency), "first": first.document, "second": second.document,
    ]
  }

  /// The pair for people.
  fileprivate func text(_ verdict: Verdict, _ row: ComparisonRow) -> String {
    let name = Wording.shortened(match, to: 80)
    return "  \(verdict.words(row))  \(name)  \(first.text(currency)) / \(second.text(currency))"
  }
}

extension ComparedPair.Side {
  fileprivate var document: JSONValue {
    [
      "records": JSONValue(records), "amount": .string(amount.description),
      "refunded": .string(refunded.description), "day": JSONValue(day?.description),
    ]
  }

  fileprivate func text(_ currency: String) -> String {
    guard let day else { return "nothing" }
    let count = records == 1 ? "" : "\(Wording.number(records)) × "
    let back =
      refunded.units == 0 ? "" : ", \(Wording.amount(refunded.description, currency)) given back"
    return "\(day) \(count)\(Wording.amount(amount.description, currency))\(back)"
  }
}

extension ComparedPair.Verdict {
  fileprivate func words(_ row: ComparisonRow) -> String {
    switch self {
    case .equal: "equal"
    case .missingInSecond: "missing in \(row.second)"
    case .missingInFirst: "missing in \(row.first)"
    case .doubled: "doubled"
    case .refunded: "refunded on one side only"
    case .different: "different amounts"
    case .otherDay: "on another day"
    }
  }
}

extension Comparison.Summary {
  fileprivate func lines(_ row: ComparisonRow) -> [String] {
    let lines = ComparedPair.Verdict.allCases.compactMap { verdict -> String? in
      guard let count = counts[verdict], count > 0 else { return nil }
      let gaps = (gaps[verdict] ?? [:]).sorted { $0.key < $1.key }
        .filter { $0.value.units != 0 }
        .map { Wording.change($0.value.description, $0.key) }
      let apart = gaps.isEmpty ? "" : ": \(row.second) has \(Wording.list(gaps))"
      return "  \(Wording.count(count, "pair")) \(verdict.words(row))\(apart)"
    }
    return [""] + (lines.isEmpty ? ["  there is nothing to compare"] : lines)
  }
}
