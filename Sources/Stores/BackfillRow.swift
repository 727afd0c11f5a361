public import Domain
import Postgres

/// A backfill as it stands.
public struct BackfillRow: Hashable, Sendable {
  /// Which backfill.
  public var id: BackfillID
  /// What it does: it reads its source, or takes rejected records again.
  public var mode: BackfillMode
  /// The stream's id in the store.
  public var streamID: Int32
  /// The source's id in the store.
  public var sourceID: Int32
  /// The stream's full name.
  public var stream: String
  /// The stream's tags when it was submitted.
  public var tags: [String]
  /// What is read.
  public var window: Window
  /// The length of a partition, as written.
  public var step: String
  /// The zone in which the window was written.
  public var timeZone: String
  /// In which order partitions are claimed.
  public var order: ClaimOrder
  /// Which partitions were wanted.
  public var selection: Selection
  /// The answer to a key seen before.
  public var policy: Policy
  /// Who asked.
  public var requestedBy: String
  /// Why.
  public var reason: String?
  /// How it stands.
  public var state: BackfillState
  /// When it was submitted.
  public var submittedAt: Instant
  /// When its first numbers came in.
  public var startedAt: Instant?
  /// When it ended.
  public var finishedAt: Instant?
  /// How many partitions it has.
  public var total: Int
  /// How many partitions are in which state.
  public var counts: PartitionCounts
  /// How many succeeded partitions were verified.
  public var verified: Int
  /// What became of the records.
  public var records: OutcomeCounts
  /// How many requests the source was sent.
  public var requests: Int64
  /// How many partitions may run at once; nil for no cap.
  public var concurrency: Int32?
  /// Higher goes first.
  public var priority: Int32
  /// When the first waiting partition may go on.
  public var nextDueAt: Instant?
  /// Until when its source asked for patience.
  public var sourceHeldUntil: Instant?
  /// The backfill that it verifies; nil where it verifies none.
  public var verifies: BackfillID?
  /// How many partitions are verified together, 0 for all; nil where nothing is verified by itself.
  public var verifyBy: Int32?

  init(_ row: inout RowReader) throws(PostgresError) {
    id = BackfillID(rawValue: try row.read())
    streamID = try row.read()
    sourceID = try row.read()
    stream = try row.read()
    tags = try row.read()
    window = try Window(&row)
    step = try row.read()
    timeZone = try row.read()
    order = try row.readName()
    selection = try row.readName()
    policy = try row.readName()
    requestedBy = try row.read()
    reason = try row.read()
    state = try row.readName()
    submittedAt = Instant(try row.read())
    startedAt = try row.read(Timestamp?.self).map(Instant.init)
    finishedAt = try row.read(Timestamp?.self).map(Instant.init)
    total = Int(try row.read(Int32.self))
    counts = PartitionCounts()
    for state in [
      PartitionState.succeeded, .failed, .skipped, .replaced, .quarantined, .cancelled,
    ] {
      counts[state] = Int(try row.read(Int32.self))
    }
    verified = Int(try row.read(Int32.self))
    records = OutcomeCounts()
    for outcome in Outcome.tableOrder { records[outcome] = try row.read() }
    requests = try row.read()
    concurrency = try row.read()
    priority = try row.read()
    counts[.running] = Int(try row.read(Int64.self))
    counts[.waiting] = Int(try row.read(Int64.self))
    nextDueAt = try row.read(Timestamp?.self).map(Instant.init)
    sourceHeldUntil = try row.read(Timestamp?.self).map(Instant.init)
    mode = try row.readName()
    verifies = try row.read(Int64?.self).map { BackfillID(rawValue: $0) }
    verifyBy = try row.read()
    // What has ended is folded a moment after it ended; until then it still counts as ready.
    counts[.ready] = max(0, total - counts.total)
  }
}

extension Outcome {
  /// The outcomes in the order of the tables' columns.
  static let tableOrder: [Outcome] = [
    .inserted, .versioned, .unchanged, .kept, .stale, .duplicate, .rejected, .outside,
  ]
}
