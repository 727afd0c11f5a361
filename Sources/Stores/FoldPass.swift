public import Domain

/// What one pass of the sequencer did.
public struct FoldPass: Sendable {
  /// A backfill that ended.
  public struct Ended: Hashable, Sendable {
    /// The backfill.
    public var id: BackfillID
    /// The stream's full name.
    public var stream: String
    /// How it ended.
    public var state: BackfillState
    /// How its partitions ended.
    public var partitions: PartitionCounts
    /// What became of its records.
    public var records: OutcomeCounts
  }

  /// A source that does not go on, of which nobody was told before.
  public struct Blocked: Hashable, Sendable {
    /// The source's name.
    public var source: String
    /// What the worker said of it.
    public var message: String
  }

  /// How many tallies were folded.
  public var tallies: Int
  /// The backfills that ended with this pass.
  public var ended: [Ended]
  /// The sources that do not go on, as far as that is news.
  public var blocked: [Blocked]
}
