/// What is known of a running backfill at a moment: counters and what stands in its way.
public struct ProgressFacts: Hashable, Sendable {
  /// The state of the backfill.
  public var state: BackfillState
  /// Its partitions by state.
  public var partitions: PartitionCounts
  /// How many records were read so far.
  public var records: Int64
  /// How many workers are alive, whatever they work on.
  public var workersAlive: Int
  /// Until when the source asked for patience, and in which words, if it did.
  public var held: Held?
  /// When the first of the waiting partitions is due.
  public var firstDue: Instant?
  /// When the last of the waiting partitions is due.
  public var lastDue: Instant?
  /// In strict order: the partition that failed or was set aside, behind which the others stand.
  public var blockedBy: Int?
  /// Why what was committed cannot be counted; nil as long as it can.
  public var foldFailure: String?

  /// A source that asked for patience.
  public struct Held: Hashable, Sendable {
    /// The name of the source.
    public var source: String
    /// Until when.
    public var until: Instant
    /// Its words, if it had any.
    public var reason: String?

    /// A source that asked for patience.
    public init(source: String, until: Instant, reason: String? = nil) {
      self.source = source
      self.until = until
      self.reason = reason
    }
  }

  /// What is known at a moment.
  public init(
    state: BackfillState, partitions: PartitionCounts, records: Int64, workersAlive: Int,
    held: Held? = nil, firstDue: Instant? = nil, lastDue: Instant? = nil, blockedBy: Int? = nil,
    foldFailure: String? = nil
  ) {
    self.state = state
    self.partitions = partitions
    self.records = records
    self.workersAlive = workersAlive
    self.held = held
    self.firstDue = firstDue
    self.lastDue = lastDue
    self.blockedBy = blockedBy
    self.foldFailure = foldFailure
  }
}
