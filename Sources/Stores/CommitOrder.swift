public import Domain
public import JSON

/// Everything that one commit needs to know, apart from the records themselves.
public struct CommitOrder: Sendable {
  /// How a partition ends with this batch.
  public enum End: Hashable, Sendable {
    /// It was the last page.
    case succeeded
    /// The partition cannot go on, although the batch is sound.
    case failed(kind: SourceFailure.Kind, message: String)
  }

  /// The partition, as it was claimed.
  public var partition: PartitionID
  /// The fence under which it was claimed.
  public var fence: Int64
  /// The number of this batch in the partition, from 1.
  public var sequence: Int32
  /// The stream's id in the store.
  public var stream: Int32
  /// The answer to a key seen before.
  public var policy: Policy
  /// Fields left out when two payloads are compared.
  public var exclude: [JSONPath]
  /// The names of the measures, as the batch numbers them.
  public var measures: [String]
  /// The share of rejected records above which the partition does not succeed.
  public var rejectLimit: RejectLimit
  /// Where the next batch begins; nil after the last page.
  public var cursor: String?
  /// How the partition ends with this batch; nil when it goes on.
  public var end: End?
  /// Whether to send keys and hashes without payloads, because all documents are probably known.
  ///
  /// Only a batch in which every record is a document can be sent so; any other is sent whole.
  public var isProbe: Bool
  /// How long the lease lasts from this commit on, in seconds.
  public var leaseSeconds: Double
  /// The records.
  public var batch: Batch
  /// What the batch is of a verification; nil where its records are to be stored.
  public var listing: Listing?

  /// A batch of what is read again to verify; no document is written.
  public struct Listing: Hashable, Sendable {
    /// The last batch that had a number when the verification began.
    public var mark: Int64
    /// Whether the list ends with it.
    public var isLast: Bool

    /// A batch of a verification.
    public init(mark: Int64, isLast: Bool) {
      self.mark = mark
      self.isLast = isLast
    }
  }

  /// An order to commit a batch.
  public init(
    partition: PartitionID, fence: Int64, sequence: Int32, stream: Int32, policy: Policy,
    exclude: [JSONPath], measures: [String], rejectLimit: RejectLimit, cursor: String?, end: End?,
    isProbe: Bool, leaseSeconds: Double, batch: Batch, listing: Listing? = nil
  ) {
    self.partition = partition
    self.fence = fence
    self.sequence = sequence
    self.stream = stream
    self.policy = policy
    self.exclude = exclude
    self.measures = measures
    self.rejectLimit = rejectLimit
    self.cursor = cursor
    self.end = end
    self.isProbe = isProbe
    self.leaseSeconds = leaseSeconds
    self.batch = batch
    self.listing = listing
  }
}
