public import Domain

/// An order to split a partition that is held.
public struct PartitionSplit: Hashable, Sendable {
  /// What becomes of the partition itself.
  public enum Parent: Hashable, Sendable {
    /// Its parts take its place, between the cuts and its bounds.
    case replaced
    /// What lies before the first cut is done, and it succeeds as that; the parts are what lies
    /// after.
    case doneUpToFirstCut
  }

  /// The partition.
  public var held: HeldPartition
  /// What becomes of it.
  public var parent: Parent
  /// Where it is cut, in ascending order, inside of its window; not empty.
  public var cuts: [Instant]
  /// Why, as a stable name.
  public var kind: String
  /// Why, in one sentence for people.
  public var message: String
  /// Requests that were sent and are not yet counted by a commit.
  public var requests: Int32

  /// An order to split a partition.
  public init(
    held: HeldPartition, _ parent: Parent, at cuts: [Instant], kind: String, message: String,
    requests: Int32
  ) {
    self.held = held
    self.parent = parent
    self.cuts = cuts
    self.kind = kind
    self.message = message
    self.requests = requests
  }
}

/// What became of an order to split a partition.
public enum SplitAnswer: Hashable, Sendable {
  /// It was split, into parts of these numbers; an order whose answer was lost and that was given
  /// again gets the same answer.
  case split(into: [Int32])
  /// Another holds the partition, or it was cancelled; nothing was written.
  case fenced
  /// The lease ran out; nothing was written.
  case expired
  /// The backfill would have more partitions than one may have; nothing was written.
  case tooMany
}
