public import Domain

/// A partition and the fence under which it is held.
public struct HeldPartition: Hashable, Sendable {
  /// Which partition.
  public var id: PartitionID
  /// The fence under which it was claimed.
  public var fence: Int64

  /// A partition that is held.
  public init(id: PartitionID, fence: Int64) {
    self.id = id
    self.fence = fence
  }
}

/// How an attempt ends that is not ended by a commit.
public struct AttemptEnd: Hashable, Sendable {
  /// What the history says of the attempt.
  public enum Outcome: String, Sendable {
    /// It failed.
    case failed
    /// The source asked for patience; no attempt is spent.
    case rateLimited = "rate_limited"
    /// Its worker let the lease run out.
    case lost
    /// Its worker gave it back: drained, paused, or without its database; no attempt is spent.
    case released
  }

  /// What becomes of the partition.
  public enum Next: Hashable, Sendable {
    /// It may be claimed again after so many microseconds.
    case wait(Int64)
    /// It has failed for good.
    case fail

    var state: PartitionState {
      switch self {
      case .wait: .waiting
      case .fail: .failed
      }
    }

    var delay: Int64 {
      switch self {
      case .wait(let delay): delay
      case .fail: 0
      }
    }
  }

  /// The partition.
  public var held: HeldPartition
  /// What the history says.
  public var outcome: Outcome
  /// What becomes of the partition.
  public var next: Next
  /// How many attempts failed since the last progress, this one included.
  public var failures: Int32
  /// The kind of failure; nil where there was none.
  public var kind: String?
  /// One sentence for people.
  public var message: String?
  /// Requests that were sent and are not yet counted by a commit.
  public var requests: Int32
  /// Whether the failure says that the source does not go on, so that people are told.
  public var isBlocking: Bool

  /// The end of an attempt.
  public init(
    held: HeldPartition, outcome: Outcome, next: Next, failures: Int32, kind: String?,
    message: String?, requests: Int32, isBlocking: Bool = false
  ) {
    self.held = held
    self.outcome = outcome
    self.next = next
    self.failures = failures
    self.kind = kind
    self.message = message
    self.requests = requests
    self.isBlocking = isBlocking
  }
}

extension AttemptEnd {
  /// A partition is given back, to be claimed by anybody; no attempt is spent.
  public static func released(_ held: HeldPartition, failures: Int32) -> AttemptEnd {
    AttemptEnd(
      held: held, outcome: .released, next: .wait(0), failures: failures, kind: nil, message: nil,
      requests: 0)
  }
}

/// A partition that had nothing to store.
public struct EmptyPartition: Hashable, Sendable {
  /// The partition.
  public var held: HeldPartition
  /// How many requests showed that.
  public var requests: Int32

  /// A partition without records.
  public init(held: HeldPartition, requests: Int32) {
    self.held = held
    self.requests = requests
  }
}
