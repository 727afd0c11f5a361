/// The state of a partition; `transitions` is the one table of what may follow what.
public enum PartitionState: String, CaseIterable, Sendable {
  /// It can be claimed once its time has come; nobody needs to promote it.
  case waiting
  /// It can be claimed.
  case ready
  /// A worker holds its lease.
  case running
  /// Its last page is committed and durable.
  case succeeded
  /// It failed for good; only an operator makes it run again.
  case failed
  /// It was planned but not needed, or an operator gave it up.
  case skipped
  /// It was too large, and two smaller partitions took its place.
  case replaced
  /// An operator set it aside.
  case quarantined
  /// It was not finished when its backfill was cancelled.
  case cancelled

  /// Whether nothing more happens to it unless an operator asks.
  public var isTerminal: Bool {
    switch self {
    case .succeeded, .failed, .skipped, .replaced, .cancelled: true
    case .waiting, .ready, .running, .quarantined: false
    }
  }
}

/// What happens to a partition.
public enum PartitionEvent: String, CaseIterable, Sendable {
  /// A worker takes it, with a new fence; a waiting one only once it is due.
  case claimed
  /// A batch of records and the checkpoint after it are committed.
  case batchCommitted = "batch_committed"
  /// The last batch is committed.
  case completed
  /// The source asks for patience; no attempt is spent.
  case rateLimited = "rate_limited"
  /// The attempt failed and another is allowed, after a while.
  case attemptFailed = "attempt_failed"
  /// The attempt failed, and no other is allowed or would help.
  case gaveUp = "gave_up"
  /// The worker gives it back in good order: due at once, and no attempt is spent.
  case released
  /// Its lease ran out; due at once, or after a while where attempts died without progress.
  case lost
  /// It is too large for its source, and is cut in two.
  case split
  /// It is too large for an attempt: it ends where it has come to, and others take the rest.
  case sharedOut = "shared_out"
  /// It is to run again from its checkpoint.
  case retried
  /// It is set aside; not while its backfill awaits approval, for what is approved is what was asked.
  case setAside = "set_aside"
  /// It is no longer set aside.
  case putBack = "put_back"
  /// It is given up, so that those after it may go on.
  case skipped
  /// Its backfill is cancelled.
  case cancelled
}
