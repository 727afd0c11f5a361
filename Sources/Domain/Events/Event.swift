/// Something that happened, as facts: what logs, live progress, metrics and tests are made from.
///
/// `name`, `level` and `fields` are stable and for programs; `sentence` is for people.
public enum Event: Hashable, Sendable {
  /// A backfill was asked for and planned.
  case backfillSubmitted(
    BackfillID, stream: String, window: Window, partitions: Int, skipped: Int, by: String)
  /// The first partition of a backfill was claimed.
  case backfillStarted(BackfillID, stream: String)
  /// A person steered a backfill: paused, resumed, cancelled, retried or approved it.
  case backfillSteered(BackfillID, stream: String, BackfillEvent, by: String)
  /// A backfill ended.
  case backfillFinished(
    BackfillID, stream: String, BackfillState, partitions: PartitionCounts, records: OutcomeCounts)

  /// A worker holds a partition.
  case partitionClaimed(PartitionID, stream: String, window: Window, fence: Int64, attempt: Int)
  /// The last page of a partition is committed.
  case partitionSucceeded(PartitionID, stream: String, records: OutcomeCounts, microseconds: Int64)
  /// A partition failed for good.
  case partitionFailed(PartitionID, stream: String, RetryDecision.Reason, SourceFailure)
  /// A partition is tried again later.
  case partitionWaiting(PartitionID, stream: String, until: Instant, SourceFailure)
  /// The lease of a partition ran out.
  case partitionLost(PartitionID, stream: String, worker: String)
  /// A partition was too large: others have its window, or what was left of it.
  case partitionSplit(PartitionID, stream: String, into: [Int32], message: String)
  /// A worker gave a partition back in good order.
  case partitionReleased(PartitionID, stream: String)
  /// A commit changed nothing, because the lease had gone to another or had run out.
  case partitionFenced(PartitionID, stream: String)

  /// A page came from a source.
  case pageFetched(
    PartitionID, stream: String, records: Int, bytes: Int, requests: Int, microseconds: Int64)
  /// A batch is durable.
  case batchCommitted(
    PartitionID, stream: String, sequence: Int, records: OutcomeCounts, microseconds: Int64)
  /// A commit whose answer was lost turned out to be durable, or not.
  case commitResolved(PartitionID, stream: String, isDurable: Bool)

  /// A program that reads a stream was started, with this between it and the machine.
  case programStarted(stream: String, program: String, protection: String)

  /// A source asked for patience, which all its workers have.
  case sourceThrottled(source: String, until: Instant, message: String)
  /// A source refuses to go on until somebody acts.
  case sourceBlocked(source: String, message: String)

  /// A worker began to claim.
  case workerStarted(name: String, concurrency: Int)
  /// A worker claims no more and finishes what it holds.
  case workerDraining(name: String, running: Int)
  /// A worker ended.
  case workerStopped(name: String)

  /// The database cannot be reached; everything waits.
  case databaseLost(message: String)
  /// The database can be reached again after so many microseconds.
  case databaseRegained(microseconds: Int64)

  /// A notice reached a subscription.
  case noticeDelivered(notice: NoticeID, subscription: String, attempt: Int)
  /// A notice did not reach a subscription; without a time it is given up.
  case noticeFailed(
    notice: NoticeID, subscription: String, attempt: Int, retryAt: Instant?, message: String)

  /// Something else went wrong in a part of the program, which goes on.
  case troubled(part: String, message: String)
}

/// How much an event matters to those who watch.
public enum EventLevel: String, CaseIterable, Comparable, Sendable {
  /// Only to those who look for a fault.
  case debug
  /// As it should be.
  case info
  /// Somebody may want to look.
  case warning
  /// Somebody has to look.
  case error

  /// Orders by how much it matters.
  public static func < (left: EventLevel, right: EventLevel) -> Bool {
    left.rank < right.rank
  }

  private var rank: Int {
    switch self {
    case .debug: 0
    case .info: 1
    case .warning: 2
    case .error: 3
    }
  }
}
