public import Domain
import JSON
public import Postgres

/// Notices on their way: which are due, and what came of each attempt.
public struct NoticeStore: Sendable {
  private let pool: Pool

  /// A store on a pool.
  public init(pool: Pool) {
    self.pool = pool
  }

  /// Seals notices that have settled, up to `limit`; gives how many.
  public func sealNotices(limit: Int) async throws(PostgresError) -> Int {
    try await pool.withTransaction { connection throws(PostgresError) in
      let settled = try await connection.query(Self.settled, (Int32(clamping: limit)))
      for notice in settled { try await NoticeWriter().seal(notice, on: connection) }
      return settled.count
    }
  }

  /// Claims up to `limit` deliveries that are due, for so many seconds: whoever claimed them and is
  /// not heard of by then has them claimed again by others.
  public func claimDeliveries(
    limit: Int, leaseSeconds: Double
  ) async throws(PostgresError) -> [ClaimedDelivery] {
    try await pool.query(Self.claim, (Int32(clamping: limit), leaseSeconds))
  }

  /// Writes what came of an attempt, unless another has claimed the delivery since; that it arrived
  /// is written in any case.
  public func settleDelivery(
    _ claimed: ClaimedDelivery, _ decision: DeliveryDecision
  ) async throws(PostgresError) {
    let key = (claimed.notice.rawValue, claimed.subscription, claimed.attempt)
    switch decision {
    case .delivered:
      _ = try await pool.query(Self.end, (key.0, key.1, key.2, "delivered", nil))
      _ = try await pool.query(Self.enable, (claimed.subscription))
    case .retry(let after, let message):
      _ = try await pool.query(Self.postpone, (key.0, key.1, key.2, after, message))
    case .giveUp(let message, false):
      _ = try await pool.query(Self.end, (key.0, key.1, key.2, "given_up", message))
    case .giveUp(let message, true):
      try await pool.withTransaction { connection throws(PostgresError) in
        _ = try await connection.query(Self.end, (key.0, key.1, key.2, "given_up", message))
        _ = try await connection.query(Self.disable, (claimed.subscription, message))
      }
    }
  }

  /// Writes a test notice for one subscription, claimed already; nil where there is no such
  /// subscription.
  public func writeTest(
    for subscription: String, leaseSeconds: Double
  ) async throws(PostgresError) -> ClaimedDelivery? {
    let occasion = Notice.Occasion.test(subscription: subscription)
    return try await pool.query(
      Self.test, (subscription, JSONValue.object(occasion.json).encoded(), leaseSeconds)
    ).first
  }

  /// Drops the notices of all days before one; gives how many.
  @discardableResult
  public func dropNotices(before day: CivilDate) async throws(PostgresError) -> Int {
    Int(try await pool.query(Self.drop, (day.description)).first ?? 0)
  }

  /// Notices with their deliveries, the newest first.
  public func listNotices(limit: Int) async throws(PostgresError) -> [NoticeRow] {
    try await pool.withTransaction(.repeatableRead) { connection throws(PostgresError) in
      var notices = try await connection.query(Self.list, (Int32(clamping: limit)))
      let deliveries = try await connection.query(Self.deliveries, (notices.map(\.id.rawValue)))
      for (place, notice) in notices.enumerated() {
        notices[place].deliveries = deliveries.filter { $0.notice == notice.id }
      }
      return notices
    }
  }
}
