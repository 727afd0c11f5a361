extension Event {
  /// The stable name: the thing, a point, and what happened to it.
  public var name: String {
    switch self {
    case .backfillSubmitted: "backfill.submitted"
    case .backfillStarted: "backfill.started"
    case .backfillSteered(_, _, let event, _): "backfill.\(event.rawValue)"
    case .backfillFinished: "backfill.finished"
    case .partitionClaimed: "partition.claimed"
    case .partitionSucceeded: "partition.succeeded"
    case .partitionFailed: "partition.failed"
    case .partitionWaiting: "partition.waiting"
    case .partitionLost: "partition.lost"
    case .partitionSplit: "partition.split"
    case .partitionReleased: "partition.released"
    case .partitionFenced: "partition.fenced"
    case .pageFetched: "page.fetched"
    case .batchCommitted: "batch.committed"
    case .commitResolved: "commit.resolved"
    case .programStarted: "program.started"
    case .sourceThrottled: "source.throttled"
    case .sourceBlocked: "source.blocked"
    case .workerStarted: "worker.started"
    case .workerDraining: "worker.draining"
    case .workerStopped: "worker.stopped"
    case .databaseLost: "database.lost"
    case .databaseRegained: "database.regained"
    case .noticeDelivered: "notice.delivered"
    case .noticeFailed: "notice.failed"
    case .troubled: "program.troubled"
    }
  }

  /// How much it matters.
  public var level: EventLevel {
    switch self {
    case .pageFetched, .batchCommitted, .partitionClaimed, .partitionReleased, .noticeDelivered:
      .debug
    case .backfillSubmitted, .backfillStarted, .backfillSteered, .partitionSucceeded,
      .sourceThrottled, .workerStarted, .workerDraining, .workerStopped, .databaseRegained,
      .commitResolved, .partitionSplit, .programStarted:
      .info
    case .backfillFinished(_, _, let state, _, _): state == .succeeded ? .info : .warning
    case .partitionWaiting(_, _, _, let failure): failure.kind == .rateLimited ? .info : .warning
    case .partitionLost, .partitionFenced: .warning
    case .noticeFailed(_, _, _, let retryAt, _): retryAt == nil ? .error : .warning
    case .partitionFailed, .sourceBlocked, .databaseLost, .troubled: .error
    }
  }
}
