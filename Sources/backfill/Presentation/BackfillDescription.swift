import Domain
import Stores

/// Everything about one backfill, for people.
struct BackfillDescription {
  let row: BackfillRow
  let facts: ProgressFacts
  let measures: [MeasureRow]
  let failed: [PartitionRow]
  /// What its last verification came to, or it itself where it is one.
  let proof: ProofFacts?
  /// Partitions that read nothing where their neighbours read many.
  let empty: [SuspiciouslyEmpty]
  let command: String
  let now: Instant

  var lines: [String] {
    guard !row.state.isTerminal else { return facts(ending: row.finishedAt) + summary }
    var meter = ProgressMeter()
    meter.note(facts, at: now)
    let progress = meter.progress(at: now).map {
      ["  progress    \(Wording.progress($0, at: now, in: zone))"]
    }
    return facts(ending: nil) + (progress ?? []) + summary
  }

  private var zone: Zone { row.zone }

  private func facts(ending: Instant?) -> [String] {
    let cap = row.concurrency.map { ", at most \(Wording.number($0)) at once" } ?? ""
    return [
      "Backfill \(row.id): \(row.mode == .load ? "" : "a \(row.mode.rawValue), ")\(row.state.words)",
      "  stream      \(row.stream)",
      "  window      \(Wording.window(row.window, in: zone))",
      "  partitions  \(Wording.number(row.total)) of \(Wording.step(named: row.step))"
        + "\(row.counts[.replaced] > 0 ? ", some cut smaller" : ""), "
        + "\(row.order.words)\(cap)",
      "              \(Wording.outcomes(row.counts))",
      "  policy      \(row.policy.rawValue), only \(row.selection.rawValue)",
      "  asked by    \(Wording.shortened(row.requestedBy, to: 80)), "
        + "\(Wording.second(row.submittedAt)) UTC",
    ] + (row.reason.map { ["  reason      \(Wording.shortened($0, to: 400))"] } ?? [])
      + (ending.map { ["  ended       \(Wording.second($0)) UTC"] } ?? []) + proofLines + emptyLines
      + [""]
  }

  private var proofLines: [String] {
    guard row.mode == .load else { return [] }
    let verified = row.verified > 0 ? "\(Wording.number(row.verified)) partitions verified" : nil
    let differing = proof.flatMap { proof in
      proof.isEqual
        ? nil
        : "\(Wording.count(proof.partitions - proof.equal, "partition")) found to differ, see: "
          + "\(command) verify \(row.id) --show"
    }
    let parts = [verified, differing].compactMap(\.self)
    return parts.isEmpty ? [] : ["  proof       \(parts.joined(separator: "; "))"]
  }

  private var emptyLines: [String] {
    guard let typical = empty.map(\.typical).max() else { return [] }
    return [
      "  look at     no records in \(Wording.partitions(empty.map(\.window), in: zone)), where others "
        + "have about \(Wording.number(typical))"
    ]
  }

  private var summary: [String] {
    EndSummary(row: row, measures: measures, failed: failed, command: command, isShown: true)
      .lines
  }
}
