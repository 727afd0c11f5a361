import Domain
import Stores

/// What became of a backfill, in plain words: for whoever waited for its end.
struct EndSummary {
  /// So many reasons of failures are told; the others can be listed.
  private static let mostReasons = 10

  let row: BackfillRow
  let measures: [MeasureRow]
  /// Partitions that failed, oldest first.
  let failed: [PartitionRow]
  /// How the program is called, for the commands to type next.
  let command: String
  /// Whether this stands in what `show` prints.
  var isShown = false

  var lines: [String] {
    (isShown ? [] : [headline]) + changes + reasons + ["", "Next:"] + next
  }

  private var zone: Zone { row.zone }

  private var headline: String {
    "Backfill \(row.id) of \(row.stream), \(Wording.window(row.window, in: zone)): "
      + "\(Wording.outcomes(row.counts))."
  }

  private var changes: [String] {
    let sums = measures.filter { $0.records != 0 || !$0.isZero }
      .map { "  \($0.name): \(Wording.change($0.amount, $0.currency))" }
    let took = row.finishedAt.map { $0.microseconds(since: row.submittedAt) }
    let effort = [
      Wording.count(row.requests, "request"),
      took.map { "took \(Wording.duration(microseconds: $0))" },
    ].compactMap(\.self).joined(separator: ", ")
    return ["  \(Wording.outcomes(row.records))"] + sums + ["  \(effort)"]
  }

  /// Failures of one reason together: "14 and 16 March failed: …".
  private var reasons: [String] {
    var order: [String] = []
    var groups: [String: [PartitionRow]] = [:]
    for partition in failed {
      let reason = partition.message ?? partition.kind ?? "no reason is known"
      if groups[reason] == nil { order.append(reason) }
      groups[reason, default: []].append(partition)
    }
    let told = order.prefix(Self.mostReasons).map { reason in
      "\(Wording.partitions((groups[reason] ?? []).map(\.window), in: zone)) failed: "
        + Wording.shortened(reason, to: 400)
    }
    let rest = order.count - told.count
    let more = rest > 0 ? ["… and \(Wording.count(rest, "more reason"))."] : []
    return told.isEmpty ? [] : [""] + told + more
  }

  private var next: [String] {
    let show =
      isShown
      ? ("\(command) attempts \(row.id)", "see what was tried")
      : ("\(command) show \(row.id)", "see all of it")
    let follow: (String, String) =
      switch row.state {
      case .succeeded where row.records[.rejected] > 0:
        ("\(command) rejections \(row.id)", "see what was rejected, and why")
      case .succeeded: ("\(command) list", "see the other backfills")
      case .partiallyFailed, .failed:
        ("\(command) retry \(row.id) --wait", "try again what failed, and nothing else")
      case .cancelled:
        ("\(command) retry \(row.id) --wait", "let it go on where it was")
      case .awaitingApproval, .running, .paused:
        ("\(command) watch \(row.id)", "follow it")
      }
    let width = max(show.0.count, follow.0.count)
    return [show, follow].map { command, purpose in
      "  \(command)\(String(repeating: " ", count: width - command.count))   \(purpose)"
    }
  }
}

extension BackfillRow {
  /// The zone in which its window was written.
  var zone: Zone {
    do throws(InputFault) { return try Zone(timeZone) } catch { return .utc }
  }
}

extension MeasureRow {
  fileprivate var isZero: Bool { !amount.contains { ("1"..."9").contains($0) } }
}

extension Wording {
  /// Windows of partitions: days drawn together where they are whole days, else each by itself.
  static func partitions(_ windows: [Window], in zone: Zone) -> String {
    let areDays = windows.allSatisfy { window in
      let day = zone.civilDate(of: window.from)
      return zone.startOfDay(day) == window.from
        && zone.startOfDay(day.adding(days: 1)) == window.to
    }
    if areDays { return days(windows.map { zone.civilDate(of: $0.from) }) }
    let shown = windows.prefix(3).map { partition($0, in: zone) }
    let hidden = windows.count - shown.count
    return list(hidden > 0 ? shown + [count(hidden, "more partition")] : shown)
  }
}
