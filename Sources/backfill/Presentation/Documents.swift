import Domain
import JSON
import Stores

// Rows of the store as JSON documents, under the names of the command line's contract.

extension BackfillRow {
  /// The document of `show` and of the end of `submit --wait`.
  var document: JSONObject {
    [
      "id": JSONValue(id.rawValue), "stream": .string(stream), "mode": .string(mode.rawValue),
      "state": .string(state.rawValue),
      "window": window.document, "step": .string(step), "time_zone": .string(timeZone),
      "order": .string(order.rawValue), "only": .string(selection.rawValue),
      "policy": .string(policy.rawValue), "concurrency": .number(concurrency),
      "priority": .number(priority), "tags": .array(tags.map { .string($0) }),
      "partitions": .object(partitionsDocument), "records": .object(records.document),
      "requests": JSONValue(requests), "requested_by": .string(requestedBy),
      "reason": JSONValue(reason), "submitted_at": .instant(submittedAt),
      "started_at": .instant(startedAt), "finished_at": .instant(finishedAt),
      "verifies": .number(verifies?.rawValue), "is_verified_at_end": JSONValue(verifyBy != nil),
    ]
  }

  private var partitionsDocument: JSONObject {
    var object: JSONObject = ["total": JSONValue(total)]
    for state in PartitionState.allCases {
      object[state.rawValue] = JSONValue(counts[state])
      if state == .succeeded { object["verified"] = JSONValue(verified) }
    }
    return object
  }
}

extension PartitionRow {
  /// One line of `partitions --json`.
  var document: JSONValue {
    [
      "backfill": JSONValue(id.backfill.rawValue), "number": JSONValue(id.number),
      "state": .string(state.rawValue), "window": window.document,
      "attempts": JSONValue(attempts), "failures": JSONValue(failures),
      "records": .object(records.document), "requests": JSONValue(requests),
      "worker": .number(worker?.rawValue), "claimed_at": .instant(claimedAt),
      "lease_until": .instant(leaseUntil), "not_before": .instant(notBefore),
      "finished_at": .instant(finishedAt), "verified_at": .instant(verifiedAt),
      "kind": JSONValue(kind), "message": JSONValue(message),
      "checkpoint": JSONValue(checkpoint), "part_of": .number(parent),
      "parts": .array(parts.map { JSONValue($0) }),
      "proof": proof.map(\.document) ?? .null,
    ]
  }
}

extension MeasureRow {
  /// One sum; the amount as text, for it is exact.
  var document: JSONValue {
    [
      "name": .string(name), "currency": .string(currency), "amount": .string(amount),
      "records": JSONValue(records),
    ]
  }
}

extension OutcomeCounts {
  /// Every outcome, and what was read, to which they add up.
  var document: JSONObject {
    var object: JSONObject = ["read": JSONValue(read)]
    for outcome in Outcome.allCases { object[outcome.rawValue] = JSONValue(self[outcome]) }
    return object
  }
}

extension Window {
  var document: JSONValue { ["from": .instant(from), "to": .instant(to)] }
}

extension JSONValue {
  /// A time in RFC 3339, or null.
  static func instant(_ instant: Instant?) -> JSONValue {
    JSONValue(instant?.description)
  }

  /// A number, or null.
  static func number(_ number: (some BinaryInteger)?) -> JSONValue {
    number.map { JSONValue($0) } ?? .null
  }
}

extension Channel {
  /// Writes a document as one line.
  func write(_ document: JSONValue) throws(Closed) {
    try line(document.encoded())
  }
}

extension Wording {
  /// A moment to the second, in UTC, for tables: `2026-03-14 06:00:00`.
  static func second(_ instant: Instant) -> String {
    let wall = Zone.utc.wallTime(at: instant)
    let whole = WallTime(
      wall.date, microsecondOfDay: wall.microsecondOfDay / 1_000_000 * 1_000_000)
    let time = whole.timeOfDay
    return "\(wall.date) \(time.utf8.count == 5 ? time + ":00" : time)"
  }
}
