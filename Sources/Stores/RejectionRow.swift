public import Domain
import Postgres

/// A record that could not be taken and that nobody has dealt with yet.
public struct RejectionRow: Hashable, Sendable {
  /// Its number.
  public var id: Int64
  /// The stream's full name.
  public var stream: String
  /// The partition in which it was read.
  public var partition: PartitionID
  /// The window of that partition.
  public var window: Window
  /// Its place among the records of the partition, from 1.
  public var position: Int64
  /// Its key, as far as it has one.
  public var key: String?
  /// Why it could not be taken, as a stable name.
  public var reason: String
  /// Why it could not be taken, for people.
  public var message: String
  /// Whether it may be taken once the stream's definition is mended.
  public var isRetryable: Bool
  /// When it was rejected.
  public var rejectedAt: Instant
  /// The record, as the bytes that came.
  public var record: [UInt8]

  init(_ row: inout RowReader) throws(PostgresError) {
    id = try row.read()
    stream = try row.read()
    partition = try PartitionID(&row)
    window = try Window(&row)
    position = try row.read()
    key = try row.read()
    reason = try row.read()
    message = try row.read()
    isRetryable = try row.read()
    rejectedAt = Instant(try row.read())
    record = try row.read()
  }
}
