public import Domain
import Postgres

/// A partition as it stands.
public struct PartitionRow: Hashable, Sendable {
  /// Which partition.
  public var id: PartitionID
  /// What is read.
  public var window: Window
  /// How it stands; one that waited long enough is ready.
  public var state: PartitionState
  /// How many attempts were begun.
  public var attempts: Int32
  /// How many attempts failed since the last progress.
  public var failures: Int32
  /// What became of its records.
  public var records: OutcomeCounts
  /// How many requests the source was sent.
  public var requests: Int64
  /// Who holds it or held it last.
  public var worker: WorkerID?
  /// When it was last claimed.
  public var claimedAt: Instant?
  /// Until when it is held.
  public var leaseUntil: Instant?
  /// Until when it waits.
  public var notBefore: Instant?
  /// When it ended.
  public var finishedAt: Instant?
  /// When it was verified.
  public var verifiedAt: Instant?
  /// Why it waits or failed, as a stable name.
  public var kind: String?
  /// Why it waits, failed or was skipped, for people.
  public var message: String?
  /// Where it goes on.
  public var checkpoint: String?
  /// The partition that it is a part of; nil for one that was planned.
  public var parent: Int32?
  /// The partitions that took its window, or what was left of it, when it was split.
  public var parts: [Int32]
  /// What its last verification came to; nil where it was never verified.
  public var proof: ProofRow?

  init(_ row: inout RowReader) throws(PostgresError) {
    id = try PartitionID(&row)
    window = try Window(&row)
    state = try row.readName()
    attempts = try row.read()
    failures = try row.read()
    records = OutcomeCounts()
    for outcome in Outcome.tableOrder { records[outcome] = try row.read() }
    requests = try row.read()
    worker = try row.read(Int64?.self).map(WorkerID.init)
    claimedAt = try row.read(Timestamp?.self).map(Instant.init)
    leaseUntil = try row.read(Timestamp?.self).map(Instant.init)
    notBefore = try row.read(Timestamp?.self).map(Instant.init)
    finishedAt = try row.read(Timestamp?.self).map(Instant.init)
    verifiedAt = try row.read(Timestamp?.self).map(Instant.init)
    kind = try row.read()
    message = try row.read()
    checkpoint = try row.read()
    parent = try row.read()
    parts = try row.read([Int32]?.self) ?? []
    proof = try ProofRow(optional: &row)
  }
}

/// An attempt that ended.
public struct AttemptRow: Hashable, Sendable {
  /// Which partition.
  public var partition: PartitionID
  /// Its number in the partition, from 1.
  public var attempt: Int32
  /// How many batches it committed.
  public var batches: Int32
  /// When it began.
  public var startedAt: Instant
  /// When it ended.
  public var endedAt: Instant
  /// How it ended.
  public var outcome: String
  /// Why, as a stable name.
  public var kind: String?
  /// Why, for people.
  public var message: String?
  /// Who made it.
  public var worker: WorkerID
  /// The worker's name, as long as it is remembered.
  public var workerName: String?

  init(_ row: inout RowReader) throws(PostgresError) {
    partition = try PartitionID(&row)
    attempt = try row.read()
    batches = try row.read()
    startedAt = Instant(try row.read())
    endedAt = Instant(try row.read())
    outcome = try row.read()
    kind = try row.read()
    message = try row.read()
    worker = WorkerID(rawValue: try row.read())
    workerName = try row.read()
  }
}

/// What a backfill changed of a measure.
public struct MeasureRow: Hashable, Sendable {
  /// The measure.
  public var name: String
  /// The currency.
  public var currency: String
  /// The signed sum, as exact decimal text.
  public var amount: String
  /// How many records it is the sum of.
  public var records: Int64
}
