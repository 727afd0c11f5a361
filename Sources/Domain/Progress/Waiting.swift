/// What a backfill waits for while nothing of it is worked on.
public enum Waiting: Hashable, Sendable {
  /// A second person has to agree.
  case approval
  /// An operator has to resume it.
  case resume
  /// No worker is alive.
  case worker
  /// Workers are alive, and busy with other backfills.
  case turn
  /// The source asked for patience.
  case source(ProgressFacts.Held)
  /// All that is left failed before and is tried again later.
  case retry(at: Instant)
  /// In strict order, a partition failed or was set aside, and an operator has to retry or skip it.
  case partition(Int)
  /// What was committed cannot be counted, for this reason, so that no number moves and nothing ends.
  case count(String)

  /// What the facts say; nil when something is being worked on or nothing is left.
  public init?(_ facts: ProgressFacts, at now: Instant) {
    if facts.state == .awaitingApproval {
      self = .approval
      return
    }
    if let failure = facts.foldFailure, !facts.state.isTerminal {
      self = .count(failure)
      return
    }
    guard facts.partitions.open > 0, facts.partitions[.running] == 0 else { return nil }
    if facts.state == .paused {
      self = .resume
    } else if let number = facts.blockedBy {
      self = .partition(number)
    } else if let held = facts.held, held.until > now {
      self = .source(held)
    } else if facts.workersAlive == 0 {
      self = .worker
    } else if facts.partitions[.ready] == 0, let due = facts.firstDue, due > now {
      self = .retry(at: due)
    } else {
      self = .turn
    }
  }
}
