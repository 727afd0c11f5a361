import Domain

/// How the run of a claimed partition ended.
enum RunEnd: Sendable {
  /// Its last batch ended the partition, one way or the other, with these records in this attempt.
  case ended(PartitionState, OutcomeCounts)
  /// There was nothing to store: one page without records, or none.
  case empty(requests: Int)
  /// The attempt failed; what the source asked for meanwhile is still to be told to other workers.
  case failed(SourceFailure, madeProgress: Bool, hold: SourceGate.Hold? = nil)
  /// It has used up its budget: what lies before the cut is committed, and others may take the rest.
  case outgrown(cut: Instant, rest: [Window], requests: Int)
  /// It was told to stop, and what was read is committed.
  case yielded(reason: String)
  /// The lease ran out while the database did not answer; nobody else holds the partition yet.
  case expired
  /// The partition is another's, or cancelled.
  case lost
}
