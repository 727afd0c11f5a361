import Domain
import JSON
import Testing

@Suite struct EventTests {
  private static let backfill = BackfillID(rawValue: 12)
  private static let partition = PartitionID(backfill: backfill, number: 3)
  private static let day = Window(
    from: Instant(microseconds: 1_710_374_400_000_000),
    to: Instant(microseconds: 1_710_460_800_000_000))

  private static var records: OutcomeCounts {
    var counts = OutcomeCounts()
    counts[.inserted] = 41
    counts[.unchanged] = 1_162
    return counts
  }

  private static let refused = SourceFailure(.unauthorized, "shop refuses the token (401).")
  private static let throttled = SourceFailure(.rateLimited, "shop asked for patience (429).")

  /// Every event with its name, its level and its sentence.
  private static let events: [(Event, String, EventLevel, String)] = [
    (
      .backfillSubmitted(
        backfill, stream: "shop.orders", window: day, partitions: 1, skipped: 2, by: "ada"),
      "backfill.submitted", .info,
      "Backfill 12 of shop.orders, 14 March 2024 (1 day), UTC, was submitted by ada: 1 partition, 2 skipped."
    ),
    (
      .backfillSteered(backfill, .paused, by: "ada\u{1B}[2J"), "backfill.paused", .info,
      "Backfill 12 was paused by ada\u{FFFD}[2J."
    ),
    (.backfillStarted(backfill), "backfill.started", .info, "Backfill 12 started."),
    (
      .backfillFinished(backfill, state: .succeeded), "backfill.finished", .info,
      "Backfill 12 succeeded."
    ),
    (
      .backfillFinished(backfill, state: .partiallyFailed), "backfill.finished", .warning,
      "Backfill 12 ended, but not every partition succeeded."
    ),
    (
      .partitionClaimed(partition, attempt: 2, window: day, resumed: true), "partition.claimed",
      .debug, "Partition 12/3, 14 March 2024, was claimed (attempt 2, from its checkpoint)."
    ),
    (
      .pageFetched(partition, records: 100, bytes: 45_000, requests: 1, microseconds: 12_345),
      "page.fetched", .debug, "A page of 100 records came for partition 12/3 in 12 ms, 1 request."
    ),
    (
      .batchCommitted(partition, sequence: 4, counts: records, pages: 3, bytes: 9_000),
      "batch.committed", .debug,
      "Batch 4 of partition 12/3 was committed: 1,203 records read: 41 added, 1,162 unchanged."
    ),
    (
      .commitResolved(partition, isDurable: true), "commit.resolved", .info,
      "A commit of partition 12/3, whose answer was lost, is durable."
    ),
    (
      .commitResolved(partition, isDurable: false), "commit.resolved", .info,
      "A commit of partition 12/3, whose answer was lost, did not happen and is repeated."
    ),
    (.partitionSucceeded(partition), "partition.succeeded", .info, "Partition 12/3 succeeded."),
    (
      .attemptFailed(partition, throttled, retryAfter: 30_000_000), "attempt.failed", .info,
      "Partition 12/3 is tried again in 30 s: shop asked for patience (429)."
    ),
    (
      .attemptFailed(partition, SourceFailure(.network, "shop hung up."), retryAfter: 1_500_000),
      "attempt.failed", .warning, "Partition 12/3 is tried again in 1.5 s: shop hung up."
    ),
    (
      .partitionFailed(partition, refused), "partition.failed", .error,
      "Partition 12/3 failed for good: shop refuses the token (401)."
    ),
    (
      .partitionReleased(partition, reason: "the worker is stopping"), "partition.released", .debug,
      "Partition 12/3 was given back, to go on from its checkpoint: the worker is stopping."
    ),
    (
      .partitionLost(partition), "partition.lost", .warning,
      "Partition 12/3 is no longer held by this worker; what was read last was not committed."
    ),
    (
      .partitionRescued(partition, worker: "w1"), "partition.rescued", .warning,
      "Partition 12/3 can be claimed again: the lease of w1 ran out."
    ),
    (
      .partitionRescued(partition, worker: nil), "partition.rescued", .warning,
      "Partition 12/3 can be claimed again: the lease of its worker ran out."
    ),
    (
      .sourceHeld(source: "shop", microseconds: 90_000_000), "source.held", .info,
      "shop asks for patience; it is left alone for 1 min 30 s."
    ),
    (
      .sourceBlocked(source: "shop", refused), "source.blocked", .error,
      "shop refuses to go on: shop refuses the token (401)."
    ),
    (
      .workerStarted(name: "w1", concurrency: 8), "worker.started", .info,
      "Worker w1 started, for 8 partitions at once."
    ),
    (
      .workerDraining(name: "w1"), "worker.draining", .info,
      "Worker w1 claims no more and ends what it holds."
    ),
    (.workerStopped(name: "w1"), "worker.stopped", .info, "Worker w1 stopped."),
    (
      .databaseLost(message: "connection refused."), "database.lost", .error,
      "The database does not answer; waiting for it: connection refused."
    ),
    (.databaseRegained, "database.regained", .info, "The database answers again."),
    (
      .noticeDelivered(notice: 5, subscription: "finance", attempt: 1), "notice.delivered", .debug,
      "Notice 5 was delivered to finance."
    ),
    (
      .noticeFailed(
        notice: 5, subscription: "finance", attempt: 1, retryAfter: 60_000_000, message: "502."),
      "notice.failed", .warning,
      "Notice 5 was not delivered to finance and is sent again in 1 min: 502."
    ),
    (
      .noticeFailed(
        notice: 5, subscription: "finance", attempt: 9, retryAfter: nil, message: "410."),
      "notice.failed", .error, "Notice 5 was not delivered to finance and is given up: 410."
    ),
    (
      .warning("The janitor waits for a lock."), "warning", .warning,
      "The janitor waits for a lock."
    ),
  ]

  @Test("every event has its stable name, its level and its sentence", arguments: events.indices)
  func tells(index: Int) {
    let (event, name, level, sentence) = Self.events[index]
    #expect(event.name == name)
    #expect(event.level == level)
    #expect(event.sentence() == sentence)
  }

  @Test("the fields of an event are its facts under stable names")
  func hasFields() {
    let committed = Event.batchCommitted(
      Self.partition, sequence: 4, counts: Self.records, pages: 3, bytes: 9_000)
    #expect(
      JSONValue.object(committed.fields).encoded()
        == """
        {"backfill":12,"partition":3,"sequence":4,"pages":3,"bytes":9000,"read":1203,"inserted":41,\
        "versioned":0,"unchanged":1162,"kept":0,"stale":0,"duplicate":0,"rejected":0,"outside":0}
        """)
    let failed = Event.attemptFailed(Self.partition, Self.throttled, retryAfter: 2_500_000)
    #expect(
      JSONValue.object(failed.fields).encoded()
        == """
        {"backfill":12,"partition":3,"kind":"rate_limited","error":"shop asked for patience (429).",\
        "retry_after_milliseconds":2500}
        """)
    let claimed = Event.partitionClaimed(
      Self.partition, attempt: 1, window: Self.day, resumed: false)
    #expect(
      JSONValue.object(claimed.fields).encoded()
        == """
        {"backfill":12,"partition":3,"from":"2024-03-14T00:00:00Z","to":"2024-03-15T00:00:00Z",\
        "attempt":1,"resumed":false}
        """)
  }

  @Test("no field takes a name that the log line itself needs, or one twice")
  func leavesRoomForTheLine() {
    for (event, name, _, _) in Self.events {
      let keys = event.fields.members.map(\.key)
      #expect(Set(keys).isDisjoint(with: ["time", "level", "event", "message"]), "\(name)")
      #expect(keys.isEmpty == (event == .databaseRegained), "\(name)")
    }
  }

  @Test("levels are ordered by how much they matter")
  func ordersLevels() {
    #expect(EventLevel.allCases.sorted() == [.debug, .info, .warning, .error])
  }
}
