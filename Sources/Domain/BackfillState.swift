/// The state of a backfill, folded from what is wanted of it and from its partitions.
public enum BackfillState: String, CaseIterable, Sendable {
  /// It waits for a second person to agree.
  case awaitingApproval = "awaiting_approval"
  /// Partitions can be claimed or are being worked on.
  case running
  /// No partition is claimed until an operator resumes it; those being worked on go on.
  case paused
  /// Every partition that was needed succeeded.
  case succeeded
  /// It ended; some partitions succeeded and some did not.
  case partiallyFailed = "partially_failed"
  /// It ended, and no partition succeeded.
  case failed
  /// It was cancelled.
  case cancelled

  /// Whether nothing more happens to it unless an operator asks.
  public var isTerminal: Bool {
    switch self {
    case .succeeded, .partiallyFailed, .failed, .cancelled: true
    case .awaitingApproval, .running, .paused: false
    }
  }
}

/// What people want of a backfill.
public enum Intent: String, CaseIterable, Sendable {
  /// That it runs.
  case run
  /// That nothing more of it is claimed until it is resumed.
  case pause
  /// That it ends at once.
  case cancel
  /// That it runs once a second person agrees.
  case approval
}

/// How many partitions of a backfill are in each state.
public struct PartitionCounts: Hashable, Sendable {
  private var counts: [PartitionState: Int] = [:]

  /// No partitions.
  public init() {}

  /// The counts of some states; the others are 0.
  public init(_ counts: [PartitionState: Int]) {
    self.counts = counts
  }

  /// How many partitions are in a state.
  public subscript(state: PartitionState) -> Int {
    get { counts[state, default: 0] }
    set { counts[state] = newValue }
  }

  /// All partitions, in whatever state.
  public var total: Int { counts.values.reduce(0, +) }

  /// Those that a worker holds or may still claim.
  public var open: Int { self[.waiting] + self[.ready] + self[.running] }

  /// Those whose outcome counts: all but the skipped ones, and the replaced ones, which live on in
  /// those that replaced them.
  public var needed: Int { total - self[.skipped] - self[.replaced] }

  /// Equal when every state has as many.
  public static func == (left: PartitionCounts, right: PartitionCounts) -> Bool {
    PartitionState.allCases.allSatisfy { left[$0] == right[$0] }
  }

  /// Hashes the counts of all states.
  public func hash(into hasher: inout Hasher) {
    for state in PartitionState.allCases { hasher.combine(self[state]) }
  }
}

extension BackfillState {
  /// The state of a backfill of which this is wanted, and whose partitions stand like this.
  ///
  /// It has ended when nothing of it can be claimed and nothing is being worked on. A partition set
  /// aside keeps it from succeeding but not from ending: nothing would happen until an operator acts,
  /// and who waits for the end has to learn of it.
  public static func fold(_ intent: Intent, _ counts: PartitionCounts) -> BackfillState {
    guard counts.open == 0 else {
      switch intent {
      case .approval: return .awaitingApproval
      case .pause: return .paused
      case .run, .cancel: return .running
      }
    }
    if intent == .cancel, counts[.cancelled] > 0 { return .cancelled }
    if counts[.succeeded] == counts.needed { return .succeeded }
    return counts[.succeeded] > 0 ? .partiallyFailed : .failed
  }
}
