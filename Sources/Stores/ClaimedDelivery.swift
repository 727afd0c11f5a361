public import Domain
import Postgres

/// A delivery in the hands of one process, for as long as its lease lasts.
public struct ClaimedDelivery: Hashable, Sendable {
  /// Which notice.
  public var notice: NoticeID
  /// The subscription's id in the store.
  public var subscription: Int32
  /// The subscription's name.
  public var subscriptionName: String
  /// Which attempt this is, from 1; what is written of it is judged by this.
  public var attempt: Int32
  /// Microseconds since the notice could first be delivered.
  public var age: Int64
  /// How it is to be delivered, as JSON.
  public var delivery: String
  /// Why it is not wanted any more; nil where it is.
  public var unwanted: String?
  /// The notice's kind as it is stored.
  public var kind: String
  /// The notice's facts as JSON.
  public var facts: String
  /// When it happened.
  public var createdAt: Instant

  init(_ row: inout RowReader) throws(PostgresError) {
    notice = NoticeID(rawValue: try row.read())
    subscription = try row.read()
    subscriptionName = try row.read()
    attempt = try row.read()
    age = try row.read()
    delivery = try row.read()
    unwanted = try row.read()
    kind = try row.read()
    facts = try row.read()
    createdAt = Instant(try row.read())
  }
}
