import Domain
import JSON
import Testing

@Suite struct EventTests {
  private static let backfill = BackfillID(rawValue: 12)
  private static let partition = PartitionID(backfill: backfill, number: 3)
  private static let moment = Instant(microseconds: 1_710_424_830_500_000)
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
      .backfillStarted(backfill, stream: "shop.orders"), "backfill.started", .info,
      "Backfill 12 of shop.orders started."
    ),
    (
      .backfillSteered(backfill, stream: "shop.orders", .paused, by: "ada"), "backfill.paused",
      .info,
      "Backfill 12 of shop.orders was paused by ada."
    ),
    (
      .backfillFinished(
        backfill, stream: "shop.orders", .partiallyFailed,
        partitions: PartitionCounts([.succeeded: 89, .failed: 1]), records: records),
      "backfill.finished", .warning,
      "Backfill 12 of shop.orders ended with failures: 89 partitions succeeded, 1 failed; 1,203 records read: 41 added, 1,162 unchanged."
    ),
    (
      .partitionClaimed(partition, stream: "shop.orders", window: day, fence: 7, attempt: 2),
      "partition.claimed", .debug,
      "Partition 12/3 of shop.orders, 14 March 2024, was claimed (attempt 2)."
    ),
    (
      .partitionSucceeded(
        partition, stream: "shop.orders", records: records, microseconds: 2_450_000),
      "partition.succeeded", .info,
      "Partition 12/3 of shop.orders succeeded in 2.4 s: 1,203 records read: 41 added, 1,162 unchanged."
    ),
    (
      .partitionFailed(partition, stream: "shop.orders", .attemptsSpent, refused),
      "partition.failed",
      .error,
      "Partition 12/3 of shop.orders failed for good after its last attempt: shop refuses the token (401)."
    ),
    (
      .partitionWaiting(partition, stream: "shop.orders", until: moment, throttled),
      "partition.waiting", .info,
      "Partition 12/3 of shop.orders is tried again at 14:00:30: shop asked for patience (429)."
    ),
    (
      .partitionLost(partition, stream: "shop.orders", worker: "w1"), "partition.lost", .warning,
      "Partition 12/3 of shop.orders was lost by the worker w1, whose lease ran out."
    ),
    (
      .partitionSplit(
        partition, stream: "shop.orders", into: [31, 32],
        message: "shop gives no more than 10,000 orders of one search."),
      "partition.split", .info,
      "Partition 12/3 of shop.orders goes on as 31 and 32: shop gives no more than 10,000 orders of one search."
    ),
    (
      .partitionReleased(partition, stream: "shop.orders"), "partition.released", .debug,
      "Partition 12/3 of shop.orders was given back, to go on from its checkpoint."
    ),
    (
      .partitionFenced(partition, stream: "shop.orders"), "partition.fenced", .warning,
      "Partition 12/3 of shop.orders was held too long; what was read was not committed."
    ),
    (
      .pageFetched(
        partition, stream: "shop.orders", records: 100, bytes: 45_000, requests: 1,
        microseconds: 12_345),
      "page.fetched", .debug,
      "A page of 100 records of shop.orders came for partition 12/3 in 12 ms, 1 request."
    ),
    (
      .batchCommitted(
        partition, stream: "shop.orders", sequence: 4, records: records, microseconds: 9_000),
      "batch.committed", .debug,
      "Batch 4 of partition 12/3 of shop.orders was committed in 9 ms: 1,203 records read: 41 added, 1,162 unchanged."
    ),
    (
      .commitResolved(partition, stream: "shop.orders", isDurable: true), "commit.resolved", .info,
      "A commit of partition 12/3 of shop.orders, whose answer was lost, is durable."
    ),
    (
      .sourceThrottled(source: "shop", until: moment, message: "too many requests."),
      "source.throttled", .info, "shop asks for patience until 14:00:30: too many requests."
    ),
    (
      .programStarted(
        stream: "shop.orders", program: "tap-shop", protection: "isolated by bubblewrap"),
      "program.started", .info, "tap-shop reads shop.orders: isolated by bubblewrap."
    ),
    (
      .sourceBlocked(source: "shop", message: "the token expired."), "source.blocked", .error,
      "shop refuses to go on: the token expired."
    ),
    (
      .workerStarted(name: "w1", concurrency: 8), "worker.started", .info,
      "Worker w1 started, for 8 partitions at once."
    ),
    (
      .workerDraining(name: "w1", running: 1), "worker.draining", .info,
      "Worker w1 claims no more and finishes 1 partition."
    ),
    (.workerStopped(name: "w1"), "worker.stopped", .info, "Worker w1 stopped."),
    (
      .databaseLost(message: "connection refused."), "database.lost", .error,
      "The database cannot be reached; waiting for it: connection refused."
    ),
    (
      .databaseRegained(microseconds: 130_000_000), "database.regained", .info,
      "The database is back after 2 min 10 s."
    ),
    (
      .noticeDelivered(notice: NoticeID(rawValue: "ntc_5"), subscription: "finance", attempt: 1),
      "notice.delivered", .debug,
      "Notice ntc_5 was delivered to finance."
    ),
    (
      .noticeFailed(
        notice: NoticeID(rawValue: "ntc_5"), subscription: "finance", attempt: 1, retryAt: moment,
        message: "502."),
      "notice.failed", .warning,
      "Notice ntc_5 was not delivered to finance, tried again at 14:00:30: 502."
    ),
    (
      .noticeFailed(
        notice: NoticeID(rawValue: "ntc_5"), subscription: "finance", attempt: 9, retryAt: nil,
        message: "410."),
      "notice.failed", .error, "Notice ntc_5 was not delivered to finance, given up: 410."
    ),
    (
      .troubled(part: "the janitor", message: "lock timeout."), "program.troubled", .error,
      "Trouble in the janitor, which goes on: lock timeout."
    ),
  ]

  @Test("every event has its stable name, its level and its sentence", arguments: events)
  func tells(event: Event, name: String, level: EventLevel, sentence: String) {
    #expect(event.name == name)
    #expect(event.level == level)
    #expect(event.sentence(in: .utc) == sentence)
  }

  @Test("the fields of an event are its facts under stable names")
  func hasFields() {
    let finished = Event.backfillFinished(
      Self.backfill, stream: "shop.orders", .failed, partitions: PartitionCounts([.failed: 1]),
      records: Self.records)
    #expect(
      JSONValue.object(finished.fields).encoded()
        == """
        {"backfill":12,"stream":"shop.orders","state":"failed","partitions":{"total":1,"waiting":0,\
        "ready":0,"running":0,"succeeded":0,"failed":1,"skipped":0,"replaced":0,"quarantined":0,\
        "cancelled":0},"read":1203,"inserted":41,"versioned":0,"unchanged":1162,"kept":0,"stale":0,\
        "duplicate":0,"rejected":0,"outside":0}
        """)
    let waiting = Event.partitionWaiting(
      Self.partition, stream: "shop.orders", until: Self.moment, Self.throttled)
    #expect(
      JSONValue.object(waiting.fields).encoded()
        == """
        {"backfill":12,"partition":3,"stream":"shop.orders","until":"2024-03-14T14:00:30.500000Z",\
        "kind":"rate_limited","error":"shop asked for patience (429)."}
        """)
  }

  @Test(
    "an event of a partition names backfill, partition and stream, and none hides a fact behind another"
  )
  func namesWhereItHappened() {
    for (event, name, _, _) in Self.events {
      let keys = event.fields.members.map(\.key)
      #expect(!keys.isEmpty, "\(name)")
      if ["partition", "page", "batch", "commit"].contains(name.prefix { $0 != "." }) {
        #expect(Array(keys.prefix(3)) == ["backfill", "partition", "stream"], "\(name)")
      }
      for reserved in ["time", "level", "event", "message"] {
        #expect(
          !keys.contains(reserved), "\(name) would collide with the log line's own \(reserved)")
      }
    }
  }

  @Test("levels are ordered by how much they matter")
  func ordersLevels() {
    #expect(EventLevel.allCases.sorted() == [.debug, .info, .warning, .error])
  }
}
