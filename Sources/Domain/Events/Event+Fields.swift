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
      Self.of(id, stream) + Self.over(window)
        + [("partitions", .of(partitions)), ("skipped", .of(skipped)), ("by", .string(by))]
    case .backfillStarted(let id, let stream): Self.of(id, stream)
    case .backfillSteered(let id, let stream, _, let by):
      Self.of(id, stream) + [("by", .string(by))]
    case .backfillFinished(let id, let stream, let state, let partitions, let records):
      Self.of(id, stream)
        + [("state", .string(state.rawValue)), ("partitions", Self.counts(partitions))]
        + Self.counts(records)
    case .partitionClaimed(let id, let stream, let window, let fence, let attempt):
      Self.of(id, stream) + Self.over(window)
        + [("fence", .of(fence)), ("attempt", .of(attempt))]
    case .partitionSucceeded(let id, let stream, let records, let microseconds):
      Self.of(id, stream) + Self.counts(records) + Self.took(microseconds)
    case .partitionFailed(let id, let stream, let reason, let failure):
      Self.of(id, stream) + [("reason", .string(reason.rawValue))] + Self.failed(failure)
    case .partitionWaiting(let id, let stream, let until, let failure):
      Self.of(id, stream) + [("until", .of(until))] + Self.failed(failure)
    case .partitionLost(let id, let stream, let worker):
      Self.of(id, stream) + [("worker", .string(worker))]
    case .partitionSplit(let id, let stream, let parts, let message):
      Self.of(id, stream)
        + [("into", .array(parts.map { .of($0) })), ("why", .string(message))]
    case .partitionReleased(let id, let stream), .partitionFenced(let id, let stream):
      Self.of(id, stream)
    case .pageFetched(let id, let stream, let records, let bytes, let requests, let microseconds):
      Self.of(id, stream)
        + [("records", .of(records)), ("bytes", .of(bytes)), ("requests", .of(requests))]
        + Self.took(microseconds)
    case .batchCommitted(let id, let stream, let sequence, let records, let microseconds):
      Self.of(id, stream) + [("sequence", .of(sequence))] + Self.counts(records)
        + Self.took(microseconds)
    case .commitResolved(let id, let stream, let isDurable):
      Self.of(id, stream) + [("durable", .bool(isDurable))]
    case .programStarted(let stream, let program, let protection):
      [
        ("stream", .string(stream)), ("program", .string(program)),
        ("protection", .string(protection)),
      ]
    case .sourceThrottled(let source, let until, let message):
      [("source", .string(source)), ("until", .of(until)), ("error", .string(message))]
    case .sourceBlocked(let source, let message):
      [("source", .string(source)), ("error", .string(message))]
    case .workerStarted(let name, let concurrency):
      [("worker", .string(name)), ("concurrency", .of(concurrency))]
    case .workerDraining(let name, let running):
      [("worker", .string(name)), ("running", .of(running))]
    case .workerStopped(let name): [("worker", .string(name))]
    case .databaseLost(let message): [("error", .string(message))]
    case .databaseRegained(let microseconds): Self.took(microseconds)
    case .noticeDelivered(let notice, let subscription, let attempt):
      Self.notice(notice, subscription, attempt)
    case .noticeFailed(let notice, let subscription, let attempt, let retryAt, let message):
      Self.notice(notice, subscription, attempt)
        + (retryAt.map { [("retry_at", .of($0))] } ?? []) + [("error", .string(message))]
    case .troubled(let part, let message):
      [("part", .string(part)), ("error", .string(message))]
    }
  }

  private static func of(_ id: BackfillID, _ stream: String) -> Facts {
    [("backfill", .of(id.rawValue)), ("stream", .string(stream))]
  }

  private static func of(_ id: PartitionID, _ stream: String) -> Facts {
    [
      ("backfill", .of(id.backfill.rawValue)), ("partition", .of(id.number)),
      ("stream", .string(stream)),
    ]
  }

  private static func over(_ window: Window) -> Facts {
    [("from", .of(window.from)), ("to", .of(window.to))]
  }

  private static func took(_ microseconds: Int64) -> Facts {
    [("milliseconds", .of(microseconds / 1_000))]
  }

  private static func failed(_ failure: SourceFailure) -> Facts {
    [("kind", .string(failure.kind.rawValue)), ("error", .string(failure.message))]
  }

  private static func notice(
    _ notice: NoticeID, _ subscription: String, _ attempt: Int
  ) -> Facts {
    [
      ("notice", .string(notice.rawValue)), ("subscription", .string(subscription)),
      ("attempt", .of(attempt)),
    ]
  }

  private static func counts(_ records: OutcomeCounts) -> Facts {
    [("read", .of(records.read))] + Outcome.allCases.map { ($0.rawValue, .of(records[$0])) }
  }

  private static func counts(_ partitions: PartitionCounts) -> JSONValue {
    var counts = JSONObject()
    counts["total"] = .of(partitions.total)
    for state in PartitionState.allCases { counts[state.rawValue] = .of(partitions[state]) }
    return .object(counts)
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
