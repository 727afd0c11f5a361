extension Event {
  /// What happened, in one sentence for people; times on the clocks of a zone.
  public func sentence(in zone: Zone = .utc) -> String {
    switch self {
    case .backfillSubmitted(let id, let stream, let window, let partitions, let skipped, let by):
      "Backfill \(id) of \(stream), \(Wording.window(window, in: zone)), was submitted by "
        + "\(Self.name(by)): \(Wording.count(partitions, "partition"))"
        + (skipped > 0 ? ", \(Wording.number(skipped)) skipped." : ".")
    case .backfillSteered(let id, let event, let by):
      "Backfill \(id) was \(event.rawValue) by \(Self.name(by))."
    case .backfillStarted(let id): "Backfill \(id) started."
    case .backfillFinished(let id, let state): "Backfill \(id) \(state.ending)."
    case .partitionClaimed(let id, let attempt, let window, let resumed):
      "Partition \(id), \(Wording.partition(window, in: zone)), was claimed (attempt \(attempt)"
        + (resumed ? ", from its checkpoint)." : ").")
    case .pageFetched(let id, let records, _, let requests, let microseconds):
      "A page of \(Wording.count(records, "record")) came for partition \(id) in "
        + "\(Wording.duration(microseconds: microseconds)), \(Wording.count(requests, "request"))."
    case .batchCommitted(let id, let sequence, let counts, _, _):
      "Batch \(sequence) of partition \(id) was committed: \(Wording.outcomes(counts))."
    case .commitResolved(let id, let isDurable):
      "A commit of partition \(id), whose answer was lost, "
        + (isDurable ? "is durable." : "did not happen and is repeated.")
    case .partitionSucceeded(let id): "Partition \(id) succeeded."
    case .attemptFailed(let id, let failure, let retryAfter):
      "Partition \(id) is tried again in \(Wording.duration(microseconds: retryAfter)): "
        + failure.message
    case .partitionFailed(let id, let failure):
      "Partition \(id) failed for good: \(failure.message)"
    case .partitionReleased(let id, let reason):
      "Partition \(id) was given back, to go on from its checkpoint: \(reason)."
    case .partitionLost(let id):
      "Partition \(id) is no longer held by this worker; what was read last was not committed."
    case .partitionRescued(let id, let worker):
      "Partition \(id) can be claimed again: the lease of "
        + "\(worker.map(Self.name) ?? "its worker") ran out."
    case .sourceHeld(let source, let microseconds):
      "\(source) asks for patience; it is left alone for "
        + "\(Wording.duration(microseconds: microseconds))."
    case .sourceBlocked(let source, let failure): "\(source) refuses to go on: \(failure.message)"
    case .workerStarted(let name, let concurrency):
      "Worker \(Self.name(name)) started, for \(Wording.count(concurrency, "partition")) at once."
    case .workerDraining(let name):
      "Worker \(Self.name(name)) claims no more and ends what it holds."
    case .workerStopped(let name): "Worker \(Self.name(name)) stopped."
    case .databaseLost(let message): "The database does not answer; waiting for it: \(message)"
    case .databaseRegained: "The database answers again."
    case .noticeDelivered(let notice, let subscription, _):
      "Notice \(notice) was delivered to \(subscription)."
    case .noticeFailed(let notice, let subscription, _, let retryAfter, let message):
      "Notice \(notice) was not delivered to \(subscription) and is "
        + (retryAfter.map { "sent again in \(Wording.duration(microseconds: $0))" } ?? "given up")
        + ": \(message)"
    case .warning(let message): message
    }
  }

  /// Names of people and machines come from outside.
  private static func name(_ text: String) -> String {
    Wording.shortened(text, to: 80)
  }
}

extension BackfillState {
  fileprivate var ending: String {
    switch self {
    case .succeeded: "succeeded"
    case .partiallyFailed: "ended, but not every partition succeeded"
    case .failed: "failed"
    case .cancelled: "was cancelled"
    case .awaitingApproval, .running, .paused: "goes on"
    }
  }
}
