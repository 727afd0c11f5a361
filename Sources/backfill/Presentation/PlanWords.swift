import Domain
import JSON
import Stores

/// A plan in words: what will be done, and what will not, with the reason.
struct PlanWords {
  private let prepared: NewBackfill
  private let zone: Zone

  init(_ prepared: NewBackfill) {
    self.prepared = prepared
    do throws(InputFault) { zone = try Zone(prepared.timeZone) } catch { zone = .utc }
  }

  /// One line for a backfill that was just submitted.
  func submitted(as id: BackfillID) -> String {
    "Backfill \(id): \(what), in \(amount)\(leftOut)."
  }

  /// What would be submitted, line by line.
  var preview: [String] {
    let skipped = reasons.map { reason, windows in
      "  \(Wording.count(windows.count, "partition")) left out "
        + "(\(Wording.partitions(windows, in: zone))): \(reason)"
    }
    return ["\(what)", "  \(amount), \(prepared.order.words), policy \(prepared.policy.rawValue)"]
      + skipped + prepared.warnings.map { "  warning: \($0)" }
      + ["Nothing was submitted."]
  }

  /// The same for programs.
  var document: JSONValue {
    [
      "stream": .string(prepared.streamName), "window": prepared.window.document,
      "step": .string(prepared.step), "one_pass": .bool(prepared.plan.isOnePass),
      "time_zone": .string(prepared.timeZone),
      "order": .string(prepared.order.rawValue), "only": .string(prepared.selection.rawValue),
      "policy": .string(prepared.policy.rawValue),
      "partitions": [
        "total": JSONValue(prepared.plan.partitions.count + prepared.plan.skipped.count),
        "ready": JSONValue(prepared.plan.partitions.count),
        "skipped": JSONValue(prepared.plan.skipped.count),
      ],
      "skipped": .array(
        reasons.map { reason, windows in
          ["reason": .string(reason), "windows": .array(windows.map(\.document))]
        }), "warnings": .array(prepared.warnings.map { .string($0) }),
    ]
  }

  private var what: String {
    "\(prepared.streamName), \(Wording.window(prepared.window, in: zone))"
  }

  private var amount: String {
    if prepared.plan.isOnePass {
      return "1 partition, in one pass: the source takes no end of a window"
    }
    return "\(Wording.count(prepared.plan.partitions.count, "partition")) of "
      + Wording.step(named: prepared.step)
  }

  private var leftOut: String {
    let count = prepared.plan.skipped.count
    return count == 0 ? "" : "; \(Wording.number(count)) left out, which are not needed"
  }

  /// The windows left out by reason, in the order of their first.
  private var reasons: [(reason: String, windows: [Window])] {
    var reasons: [(reason: String, windows: [Window])] = []
    var places: [String: Int] = [:]
    for skipped in prepared.plan.skipped {
      let reason = skipped.reason.description
      if let place = places[reason] {
        reasons[place].windows.append(skipped.window)
      } else {
        places[reason] = reasons.count
        reasons.append((reason, [skipped.window]))
      }
    }
    return reasons
  }
}

extension ClaimOrder {
  /// The order in a sentence.
  var words: String {
    switch self {
    case .oldest: "oldest first"
    case .newest: "newest first"
    case .strict: "one at a time, oldest first"
    }
  }
}

extension Wording {
  /// A step in words, by the way in which it is written.
  static func step(named text: String) -> String {
    if text == Step.varying { return "varying length" }
    do throws(InputFault) { return step(try Step(text)) } catch { return text }
  }
}
