public import JSON

extension Event {
  /// The facts as JSON, under stable names; times in RFC 3339, lengths of time in milliseconds.
  public var fields: JSONObject {
    var object = JSONObject()
    for (key, value) in facts { object[key] = value }
    return object
  }

  private typealias Facts = [(String, JSONValue)]

  private var facts: Facts {
    switch self {
    case .backfillSubmitted(let id, let stream, let window, let partitions, let skipped, let by):
      Self.of(id) + [("stream", .string(stream))] + Self.over(window)
        + [("partitions", .of(partitions)), ("skipped", .of(skipped)), ("by", .string(by))]
    case .backfillSteered(let id, _, let by): Self.of(id) + [("by", .string(by))]
    case .backfillStarted(let id): Self.of(id)
    case .backfillFinished(let id, let state): Self.of(id) + [("state", .string(state.rawValue))]
    case .partitionClaimed(let id, let attempt, let window, let resumed):
      Self.of(id) + Self.over(window) + [("attempt", .of(attempt)), ("resumed", .bool(resumed))]
    case .pageFetched(let id, let records, let bytes, let requests, let microseconds):
      Self.of(id)
        + [("records", .of(records)), ("bytes", .of(bytes)), ("requests", .of(requests))]
        + [("milliseconds", .of(microseconds / 1_000))]
    case .batchCommitted(let id, let sequence, let counts, let pages, let bytes):
      Self.of(id) + [("sequence", .of(sequence)), ("pages", .of(pages)), ("bytes", .of(bytes))]
        + Self.counts(counts)
    case .commitResolved(let id, let isDurable): Self.of(id) + [("durable", .bool(isDurable))]
    case .partitionSucceeded(let id), .partitionLost(let id): Self.of(id)
    case .attemptFailed(let id, let failure, let retryAfter):
      Self.of(id) + Self.failed(failure) + Self.retry(retryAfter)
    case .partitionFailed(let id, let failure): Self.of(id) + Self.failed(failure)
    case .partitionReleased(let id, let reason): Self.of(id) + [("reason", .string(reason))]
    case .partitionRescued(let id, let worker):
      Self.of(id) + (worker.map { [("worker", .string($0))] } ?? [])
    case .sourceHeld(let source, let microseconds):
      [("source", .string(source))] + Self.retry(microseconds)
    case .sourceBlocked(let source, let failure):
      [("source", .string(source))] + Self.failed(failure)
    case .workerStarted(let name, let concurrency):
      [("worker", .string(name)), ("concurrency", .of(concurrency))]
    case .workerDraining(let name), .workerStopped(let name): [("worker", .string(name))]
    case .databaseLost(let message), .warning(let message): [("error", .string(message))]
    case .databaseRegained: []
    case .noticeDelivered(let notice, let subscription, let attempt):
      Self.notice(notice, subscription, attempt)
    case .noticeFailed(let notice, let subscription, let attempt, let retryAfter, let message):
      Self.notice(notice, subscription, attempt) + (retryAfter.map { Self.retry($0) } ?? [])
        + [("error", .string(message))]
    }
  }

  private static func of(_ id: BackfillID) -> Facts {
    [("backfill", .of(id.rawValue))]
  }

  private static func of(_ id: PartitionID) -> Facts {
    [("backfill", .of(id.backfill.rawValue)), ("partition", .of(id.number))]
  }

  private static func over(_ window: Window) -> Facts {
    [("from", .of(window.from)), ("to", .of(window.to))]
  }

  private static func retry(_ microseconds: Int64) -> Facts {
    [("retry_after_milliseconds", .of(microseconds / 1_000))]
  }

  private static func failed(_ failure: SourceFailure) -> Facts {
    [("kind", .string(failure.kind.rawValue)), ("error", .string(failure.message))]
  }

  private static func notice(_ notice: Int64, _ subscription: String, _ attempt: Int) -> Facts {
    [("notice", .of(notice)), ("subscription", .string(subscription)), ("attempt", .of(attempt))]
  }

  private static func counts(_ records: OutcomeCounts) -> Facts {
    [("read", .of(records.read))] + Outcome.allCases.map { ($0.rawValue, .of(records[$0])) }
  }
}

extension JSONValue {
  fileprivate static func of(_ number: some BinaryInteger) -> JSONValue {
    .number(String(number))
  }

  fileprivate static func of(_ instant: Instant) -> JSONValue {
    .string(instant.description)
  }
}
