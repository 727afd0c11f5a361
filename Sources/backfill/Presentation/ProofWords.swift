import Domain
import JSON
import Stores

/// What a verification came to, in plain words.
struct ProofWords {
  /// So many records that differ are named after a verification; the others can be listed.
  static let mostNamed = 20

  let row: BackfillRow
  let proof: ProofFacts?
  let differences: [DifferenceRow]
  let sums: [ProofSumRow]
  /// Whether every day and every record that is known is listed.
  let isWhole: Bool
  let command: String

  var lines: [String] {
    guard let proof else {
      return [
        "Verification \(row.id) of backfill \(target) has compared nothing: \(row.state.words)."
      ]
    }
    return [headline(proof)] + counts(proof) + days + named(proof) + next(proof)
  }

  private var target: String { row.verifies.map { "\($0)" } ?? "?" }

  private func headline(_ proof: ProofFacts) -> String {
    let what =
      "Verification \(row.id) of backfill \(target) of \(row.stream), "
      + Wording.window(row.window, in: row.zone)
    let ended = row.state == .succeeded ? "" : " (\(row.state.words))"
    let verdict =
      proof.isEqual
      ? "the store has what the source has, in \(Wording.count(proof.partitions, "partition"))"
      : "\(Wording.number(proof.partitions - proof.equal)) of "
        + "\(Wording.count(proof.partitions, "partition")) differ"
    return "\(what)\(ended): \(verdict)."
  }

  private func counts(_ proof: ProofFacts) -> [String] {
    let counts = proof.counts
    var lines = [
      "  the source has \(Wording.count(counts.source, "record")), the store "
        + "\(Wording.number(counts.store))"
    ]
    if counts[.missing] > 0 {
      lines.append("  missing in the store: \(Wording.number(counts[.missing]))")
    }
    if counts[.different] > 0 {
      lines.append("  different in the store: \(Wording.number(counts[.different]))")
    }
    if counts[.gone] > 0 {
      let sums = proof.goneSums.map { "\($0.measure) \(Wording.change($0.amount, $0.currency))" }
      let worth = sums.isEmpty ? "" : " (\(sums.joined(separator: ", ")))"
      lines.append(
        "  gone from the source, now marked so: \(Wording.number(counts[.gone]))\(worth)")
    }
    let accounted: [(Verdict, String)] = [
      (.kept, "with another payload, where the first write stays"),
      (.stale, "newer in the store than in the source's list"),
      (.moved, "that moved to another window"),
      (.refused, "rejected, with their reasons"), (.unsettled, "written meanwhile"),
    ]
    for (verdict, words) in accounted where counts[verdict] > 0 {
      lines.append("  accounted for: \(Wording.number(counts[verdict])) \(words)")
    }
    return lines
  }

  private var days: [String] {
    let shown = isWhole ? sums : sums.filter { $0.isEqual == false }
    guard !shown.isEmpty else { return [] }
    return [""]
      + shown.prefix(isWhole ? sums.count : Self.mostNamed).map { sum in
        let store = sum.store.map { Wording.amount($0, sum.currency) } ?? "not compared"
        let verdict = sum.isEqual == false ? "   differs" : ""
        return "  \(sum.day)  \(sum.name)  source \(Wording.amount(sum.source, sum.currency))  "
          + "store \(store)\(verdict)"
      }
  }

  private func named(_ proof: ProofFacts) -> [String] {
    guard !differences.isEmpty else { return [] }
    let names = differences.map { difference in
      "  \(difference.verdict.words)  \(Wording.shortened(difference.key, to: 100))  "
        + Wording.second(difference.eventAt)
    }
    let more = proof.counts.differences - Int64(differences.count)
    return [""] + names + (more > 0 ? ["  … and \(Wording.number(more)) more."] : [])
  }

  private func next(_ proof: ProofFacts) -> [String] {
    guard !proof.isEqual else { return [] }
    let isMendable = proof.counts[.missing] + proof.counts[.different] > 0
    let again =
      isMendable
      ? "  \(command) verify \(target) --repair --wait   read again what differs, and nothing else"
      : "  \(command) verify \(target) --wait   verify again, now that what is gone is marked"
    return ["", "Next:", again]
  }
}

extension Verdict {
  /// The verdict in a list.
  fileprivate var words: String {
    switch self {
    case .equal: "equal"
    case .missing: "missing in the store"
    case .gone: "gone from the source"
    case .different: "different"
    case .kept: "kept"
    case .stale: "newer in the store"
    case .moved: "moved"
    case .refused: "rejected"
    case .unsettled: "written meanwhile"
    }
  }
}

extension ProofFacts {
  /// Under the names of `--json`.
  var document: JSONObject {
    var object: JSONObject = [
      "partitions": JSONValue(partitions), "equal": JSONValue(equal),
      "is_equal": JSONValue(isEqual),
    ]
    for (name, value) in counts.document.members { object[name] = value }
    object["gone_sums"] = .array(
      goneSums.map {
        [
          "name": .string($0.measure), "currency": .string($0.currency),
          "amount": .string($0.amount),
        ]
      })
    return object
  }
}

extension ProofRow {
  /// The proof of one partition.
  var document: JSONValue {
    var object: JSONObject = [
      "verification": JSONValue(verification.rawValue), "is_equal": JSONValue(isEqual),
      "method": .string(method.rawValue), "proved_at": .instant(provedAt),
    ]
    for (name, value) in counts.document.members { object[name] = value }
    return .object(object)
  }
}

extension ProofCounts {
  /// Both sides and every verdict.
  var document: JSONObject {
    var object: JSONObject = [
      "source_records": JSONValue(source), "store_records": JSONValue(store),
    ]
    for verdict in Self.tableOrder { object[verdict.rawValue] = JSONValue(self[verdict]) }
    return object
  }
}

extension DifferenceRow {
  /// One record of `--json`.
  var document: JSONValue {
    [
      "key": .string(key), "verdict": .string(verdict.rawValue), "event_at": .instant(eventAt),
      "source": JSONValue(sourceMeasures), "store": JSONValue(storeMeasures),
    ]
  }
}

extension ProofSumRow {
  /// One sum of `--json`; amounts as text, for they are exact.
  var document: JSONValue {
    [
      "day": .string(day.description), "name": .string(name), "currency": .string(currency),
      "source": .string(source), "store": JSONValue(store),
      "is_equal": isEqual.map { JSONValue($0) } ?? .null,
    ]
  }
}
