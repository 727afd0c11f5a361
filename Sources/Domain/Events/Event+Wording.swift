extension Event {
  /// What happened, in one sentence for people; times on the clocks of a zone.
  public func sentence(in zone: Zone) -> String {
    switch self {
    case .backfillSubmitted(let id, let stream, let window, let partitions, let skipped, let by):
      "Backfill \(id) of \(stream), \(Wording.window(window, in: zone)), was submitted by "
        + "\(Wording.shortened(by, to: 80)): \(Wording.count(partitions, "partition"))"
        + (skipped > 0 ? ", \(Wording.number(skipped)) skipped." : ".")
    case .backfillStarted(let id, let stream): "Backfill \(id) of \(stream) started."
    case .backfillSteered(let id, let stream, let event, let by):
      "Backfill \(id) of \(stream) was \(event.rawValue) by \(Wording.shortened(by, to: 80))."
    case .backfillFinished(let id, let stream, let state, let partitions, let records):
      "Backfill \(id) of \(stream) \(state.ending): "
        + "\(Wording.outcomes(partitions)); \(Wording.outcomes(records))."
    case .partitionClaimed(let id, let stream, let window, _, let attempt):
      "Partition \(id) of \(stream), \(Wording.partition(window, in: zone)), was claimed "
        + "(attempt \(attempt))."
    case .partitionSucceeded(let id, let stream, let records, let microseconds):
      "Partition \(id) of \(stream) succeeded in \(Wording.duration(microseconds: microseconds)): "
        + "\(Wording.outcomes(records))."
    case .partitionFailed(let id, let stream, let reason, let failure):
      "Partition \(id) of \(stream) failed for good\(reason.words): \(failure.message)"
    case .partitionWaiting(let id, let stream, let until, let failure):
      "Partition \(id) of \(stream) is tried again at "
        + "\(zone.wallTime(at: until).timeOfDayInSeconds): \(failure.message)"
    case .partitionLost(let id, let stream, let worker):
      "Partition \(id) of \(stream) was lost by the worker \(Wording.shortened(worker, to: 80)), "
        + "whose lease ran out."
    case .partitionSplit(let id, let stream, let parts, let message):
      "Partition \(id) of \(stream) goes on as \(Wording.list(parts.map(String.init))): \(message)"
    case .partitionReleased(let id, let stream):
      "Partition \(id) of \(stream) was given back, to go on from its checkpoint."
    case .partitionFenced(let id, let stream):
      "Partition \(id) of \(stream) was held too long; what was read was not committed."
    case .pageFetched(let id, let stream, let records, _, let requests, let microseconds):
      "A page of \(Wording.count(records, "record")) of \(stream) came for partition \(id) in "
        + "\(Wording.duration(microseconds: microseconds)), "
        + "\(Wording.count(requests, "request"))."
    case .batchCommitted(let id, let stream, let sequence, let records, let microseconds):
      "Batch \(sequence) of partition \(id) of \(stream) was committed in "
        + "\(Wording.duration(microseconds: microseconds)): \(Wording.outcomes(records))."
    case .commitResolved(let id, let stream, let isDurable):
      "A commit of partition \(id) of \(stream), whose answer was lost, "
        + (isDurable ? "is durable." : "did not happen and is repeated.")
    case .programStarted(let stream, let program, let protection):
      "\(program) reads \(stream): \(protection)."
    case .sourceThrottled(let source, let until, let message):
      "\(source) asks for patience until \(zone.wallTime(at: until).timeOfDayInSeconds): \(message)"
    case .sourceBlocked(let source, let message): "\(source) refuses to go on: \(message)"
    case .workerStarted(let name, let concurrency):
      "Worker \(name) started, for \(Wording.count(concurrency, "partition")) at once."
    case .workerDraining(let name, let running):
      "Worker \(name) claims no more and finishes \(Wording.count(running, "partition"))."
    case .workerStopped(let name): "Worker \(name) stopped."
    case .databaseLost(let message): "The database cannot be reached; waiting for it: \(message)"
    case .databaseRegained(let microseconds):
      "The database is back after \(Wording.duration(microseconds: microseconds))."
    case .noticeDelivered(let notice, let subscription, _):
      "Notice \(notice) was delivered to \(subscription)."
    case .noticeFailed(let notice, let subscription, _, let retryAt, let message):
      "Notice \(notice) was not delivered to \(subscription), "
        + (retryAt.map { "tried again at \(zone.wallTime(at: $0).timeOfDayInSeconds)" }
          ?? "given up")
        + ": \(message)"
    case .troubled(let part, let message): "Trouble in \(part), which goes on: \(message)"
    }
  }
}

extension BackfillState {
  fileprivate var ending: String {
    switch self {
    case .succeeded: "succeeded"
    case .partiallyFailed: "ended with failures"
    case .failed: "failed"
    case .cancelled: "was cancelled"
    case .awaitingApproval, .running, .paused: "goes on"
    }
  }
}

extension RetryDecision.Reason {
  fileprivate var words: String {
    switch self {
    case .attemptsSpent: " after its last attempt"
    case .notRetryable: ""
    }
  }
}

extension WallTime {
  /// The time of day to the second.
  fileprivate var timeOfDayInSeconds: String {
    WallTime(date, microsecondOfDay: microsecondOfDay / 1_000_000 * 1_000_000).timeOfDay
  }
}
