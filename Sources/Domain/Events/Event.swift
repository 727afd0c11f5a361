/// Something that happened, as facts: what logs, live progress and tests are made from.
///
/// `name`, `level` and `fields` are stable and for programs; `sentence` is for people.
public enum Event: Hashable, Sendable {
  /// A backfill was asked for and planned.
  case backfillSubmitted(
    BackfillID, stream: String, window: Window, partitions: Int, skipped: Int, by: String)
  /// A person steered a backfill: paused, resumed, cancelled, retried or approved it.
  case backfillSteered(BackfillID, BackfillEvent, by: String)
  /// The first partition of a backfill was claimed.
  case backfillStarted(BackfillID)
  /// A backfill has ended.
  case backfillFinished(BackfillID, state: BackfillState)

  /// A partition was claimed; resumed where it goes on from a checkpoint.
  case partitionClaimed(PartitionID, attempt: Int, window: Window, resumed: Bool)
  /// A page came from the source.
  case pageFetched(PartitionID, records: Int, bytes: Int, requests: Int, microseconds: Int64)
  /// A batch is durable.
  case batchCommitted(PartitionID, sequence: Int, counts: OutcomeCounts, pages: Int, bytes: Int)
  /// A commit whose answer was lost turned out to be durable, or not.
  case commitResolved(PartitionID, isDurable: Bool)
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

  /// A source asked for patience, which all workers have.
  case sourceHeld(source: String, microseconds: Int64)
  /// A source refuses to go on until somebody acts.
  case sourceBlocked(source: String, SourceFailure)

  /// A worker process began, with so many places.
  case workerStarted(name: String, concurrency: Int)
  /// A worker takes no new partitions and ends those that it holds.
  case workerDraining(name: String)
  /// A worker ended.
  case workerStopped(name: String)

  /// The database does not answer.
  case databaseLost(message: String)
  /// The database answers again.
  case databaseRegained

  /// A notice reached a subscription.
  case noticeDelivered(notice: Int64, subscription: String, attempt: Int)
  /// A notice did not reach a subscription; it is sent again after so many microseconds, if at all.
  case noticeFailed(
    notice: Int64, subscription: String, attempt: Int, retryAfter: Int64?, message: String)

  /// Something went wrong that costs nothing but should be known.
  case warning(String)
}
