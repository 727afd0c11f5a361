import Domain
import JSON

/// The header of a batch: a JSON object that `backfill.commit_batch` reads.
struct CommitHeader {
  let order: CommitOrder

  var json: String {
    JSONValue.object([
      "stream": .number(order.stream), "policy": .string(order.policy.rawValue),
      "exclude": .array(order.exclude.map { .array($0.keys.map(JSONValue.string)) }),
      "read": .number(order.batch.read),
      "documents": .number(order.batch.documents.count - order.batch.duplicates),
      "duplicate": .number(order.batch.duplicates), "rejected": .number(order.batch.rejected.count),
      "outside": .number(order.batch.outside.count), "pages": .number(order.batch.pages.count),
      "requests": .number(order.batch.requests), "cursor_to": .text(order.cursor),
      "lease": .number("\(order.leaseSeconds)"), "end": end, "measures": measures, "keys": keys,
      "sums_are_exact": .bool(sumsAreExact), "reject_least": .number(RejectLimit.least),
      "reject_share": .number("\(order.rejectLimit.share)"),
      "mark": .number(order.listing?.mark ?? 0),
      "is_last": .bool(order.listing?.isLast ?? false),
    ]).encoded()
  }

  /// Sums are of all documents, so they hold only when none was set aside.
  private var sumsAreExact: Bool { order.batch.sums.isExact && order.batch.duplicates == 0 }

  /// A probe inserts nothing.
  private var keys: JSONValue {
    guard !order.isProbe, let span = KeySpan(order.batch) else { return .null }
    return [.string(span.first), .string(span.last)]
  }

  private var end: JSONValue {
    switch order.end {
    case nil: .null
    case .succeeded: .object(["state": "succeeded"])
    case .failed(let kind, let message):
      .object([
        "state": "failed", "kind": .string(kind.rawValue), "message": .string(storable(message)),
      ])
    }
  }

  private var measures: JSONValue {
    let sums = order.batch.sums.sums
    guard sumsAreExact, !sums.isEmpty else { return .null }
    return .array(
      sums.map { sum in
        .array([
          .string(order.measures[sum.measure]), .string(sum.day.description),
          .string(sum.currency.description), .string(sum.amount.description),
          .number(sum.records),
        ])
      })
  }
}

extension JSONValue {
  fileprivate static func number(_ value: some BinaryInteger) -> JSONValue {
    .number(String(value))
  }

  fileprivate static func text(_ value: String?) -> JSONValue {
    value.map(JSONValue.string) ?? .null
  }
}
