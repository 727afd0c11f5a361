extension Event {
  /// The stable name: the thing, a point, and what happened to it.
  public var name: String {
    switch self {
    case .backfillSubmitted: "backfill.submitted"
    case .backfillSteered(_, let event, _): "backfill.\(event.rawValue)"
    case .backfillStarted: "backfill.started"
    case .backfillFinished: "backfill.finished"
    case .partitionClaimed: "partition.claimed"
    case .pageFetched: "page.fetched"
    case .batchCommitted: "batch.committed"
    case .commitResolved: "commit.resolved"
    case .partitionSucceeded: "partition.succeeded"
    case .attemptFailed: "attempt.failed"
    case .partitionFailed: "partition.failed"
    case .partitionReleased: "partition.released"
    case .partitionLost: "partition.lost"
    case .partitionRescued: "partition.rescued"
    case .sourceHeld: "source.held"
    case .sourceBlocked: "source.blocked"
    case .workerStarted: "worker.started"
    case .workerDraining: "worker.draining"
    case .workerStopped: "worker.stopped"
    case .databaseLost: "database.lost"
    case .databaseRegained: "database.regained"
    case .noticeDelivered: "notice.delivered"
    case .noticeFailed: "notice.failed"
    case .warning: "warning"
    }
  }

  /// How much it matters.
  public var level: EventLevel {
    switch self {
    case .partitionClaimed, .pageFetched, .batchCommitted, .partitionReleased, .noticeDelivered:
      .debug
    case .backfillSubmitted, .backfillSteered, .backfillStarted, .partitionSucceeded, .sourceHeld,
      .workerStarted, .workerDraining, .workerStopped, .databaseRegained, .commitResolved:
      .info
    case .backfillFinished(_, let state): state == .succeeded ? .info : .warning
    case .attemptFailed(_, let failure, _): failure.kind == .rateLimited ? .info : .warning
    case .partitionLost, .partitionRescued, .warning: .warning
    case .noticeFailed(_, _, _, let retryAfter, _): retryAfter == nil ? .error : .warning
    case .partitionFailed, .sourceBlocked, .databaseLost: .error
    }
  }
}
