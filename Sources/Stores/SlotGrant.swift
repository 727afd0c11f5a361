public import Domain

/// What was granted.
public struct SlotGrant: Hashable, Sendable {
  /// Why there are no more.
  public enum Rest: Hashable, Sendable {
    /// As many were granted as were asked for.
    case none
    /// The next one is free so many microseconds after `now`; the limit has the last word, nil
    /// where the source is held.
    case later(microseconds: Int64, limit: String?)
    /// As many requests as this limit allows are under way.
    case full(limit: String)
    /// The limits are not those that the caller knows.
    case unknownLimits
  }

  /// What the store's clock showed.
  public var now: Instant
  /// The permits, by time.
  public var permits: [Permit]
  /// Why there are no more.
  public var rest: Rest

  init(_ rows: [GrantedRow], last: GrantedRow, _ order: SlotOrder) {
    now = Instant(microseconds: last.now)
    permits = rows.compactMap { $0.permit(order) }
    if last.from != nil {
      rest = .none
    } else if let wait = last.wait {
      let limit = last.reason.flatMap { $0.isEmpty ? nil : $0 }
      rest = .later(microseconds: max(0, wait), limit: limit)
    } else {
      rest = last.reason.map { .full(limit: $0) } ?? .unknownLimits
    }
  }
}

/// One row of the answer: a slot, or why there are no more.
struct GrantedRow: Sendable {
  var now: Int64
  var from: Int64?
  var until: Int64?
  var slots: [Int64]?
  var ordinals: [Int64]?
  var holders: [Int64]?
  var wait: Int64?
  var reason: String?

  func permit(_ order: SlotOrder) -> Permit? {
    guard let from, let until, let slots, let ordinals else { return nil }
    let shares = zip(order.limits, zip(slots, ordinals)).map { limit, taken in
      Permit.Share(
        limit: limit.limit, bucket: limit.bucket, slot: taken.0, cost: limit.cost,
        ordinal: taken.1)
    }
    return Permit(
      from: Instant(microseconds: from), until: Instant(microseconds: until), shares: shares,
      holders: holders ?? [])
  }
}
