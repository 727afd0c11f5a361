/// Something that happened, told to logs, progress and tests alike.
public enum Event: Sendable {
  /// A worker process began, with so many places.
  case workerStarted(name: String, concurrency: Int)
  /// A worker takes no new partitions and ends those that it holds.
  case workerDraining(name: String)
  /// A worker ended.
  case workerStopped(name: String)
  /// A partition was claimed.
  case partitionClaimed(PartitionID, attempt: Int, window: Window, resumed: Bool)
  /// A batch is durable.
  case batchCommitted(PartitionID, sequence: Int, counts: OutcomeCounts, pages: Int, bytes: Int)
  /// A partition has succeeded.
  case partitionSucceeded(PartitionID)
  /// An attempt failed; the partition is tried again after so many microseconds.
  case attemptFailed(PartitionID, SourceFailure, retryAfter: Int64)
  /// A partition has failed for good.
  case partitionFailed(PartitionID, SourceFailure)
  /// A partition was given back before its end.
  case partitionReleased(PartitionID, reason: String)
  /// A partition is held by another, or was cancelled: nothing more was written.
  case partitionLost(PartitionID)
  /// The partition of a worker that died, or stopped, can be claimed again.
  case partitionRescued(PartitionID, worker: String?)
  /// A source asked for patience.
  case sourceHeld(source: String, microseconds: Int64)
  /// The database does not answer.
  case databaseLost(message: String)
  /// The database answers again.
  case databaseRegained
  /// A backfill has ended.
  case backfillFinished(BackfillID, state: BackfillState)
  /// Something went wrong that costs nothing but should be known.
  case warning(String)
}
