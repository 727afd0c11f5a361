public import Domain

/// A partition as its worker holds it.
public struct ClaimedPartition: Hashable, Sendable {
  /// Which partition.
  public var id: PartitionID
  /// The number that every write must name; it grows with each claim.
  public var fence: Int64
  /// What is to be read.
  public var window: Window
  /// Where to go on; nil for the beginning.
  public var checkpoint: String?
  /// How many batches were committed so far.
  public var batchSequence: Int32
  /// The number of this attempt, from 1.
  public var attempt: Int32
  /// How many attempts failed since the last one that made progress.
  public var failures: Int32
  /// How many records were read so far.
  public var read: Int64
  /// How many records were rejected so far.
  public var rejected: Int64
  /// When it was claimed.
  public var claimedAt: Instant
}
