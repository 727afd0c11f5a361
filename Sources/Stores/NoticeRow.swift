public import Domain
import Postgres

/// A notice as it is stored, with its deliveries.
public struct NoticeRow: Hashable, Sendable {
  /// A delivery of it.
  public struct Delivery: Hashable, Sendable {
    /// How far it has come.
    public enum State: String, Sendable {
      /// It is due or will be.
      case pending
      /// The receiver took it.
      case delivered
      /// It will not be tried again.
      case givenUp = "given_up"
    }

    /// Which notice.
    public var notice: NoticeID
    /// The subscription's name.
    public var subscription: String
    /// The subscription's team.
    public var team: String
    /// How far it has come.
    public var state: State
    /// How many attempts were begun.
    public var attempts: Int32
    /// When it is tried next; nil once it has ended.
    public var nextAttemptAt: Instant?
    /// When it ended.
    public var endedAt: Instant?
    /// Why the last attempt failed.
    public var message: String?

    init(_ row: inout RowReader) throws(PostgresError) {
      notice = NoticeID(rawValue: try row.read())
      subscription = try row.read()
      team = try row.read()
      state = try row.readName()
      attempts = try row.read()
      nextAttemptAt = try row.read(Timestamp?.self).map(Instant.init)
      endedAt = try row.read(Timestamp?.self).map(Instant.init)
      message = try row.read()
    }
  }

  /// Its identity.
  public var id: NoticeID
  /// The backfill that it is about; nil for a test.
  public var backfill: BackfillID?
  /// Its kind as it is stored.
  public var kind: String
  /// When it happened.
  public var createdAt: Instant
  /// Until when it may still change; nil once it is fixed.
  public var settlesAt: Instant?
  /// The facts as JSON; nil while they may still change.
  public var facts: String?
  /// Its deliveries, by subscription.
  public var deliveries: [Delivery] = []

  init(_ row: inout RowReader) throws(PostgresError) {
    id = NoticeID(rawValue: try row.read())
    backfill = try row.read(Int64?.self).map(BackfillID.init(rawValue:))
    kind = try row.read()
    createdAt = Instant(try row.read())
    settlesAt = try row.read(Timestamp?.self).map(Instant.init)
    facts = try row.read()
  }
}
