import Domain
import Testing

@Suite struct ProgressTests {
  private let start = Instant(microseconds: 1_710_424_800_000_000)

  private func at(_ seconds: Double) -> Instant {
    start.adding(microseconds: Int64(seconds * 1_000_000))
  }

  private func facts(
    _ partitions: [PartitionState: Int], records: Int64 = 0, state: BackfillState = .running,
    workers: Int = 1, held: ProgressFacts.Held? = nil, firstDue: Instant? = nil,
    lastDue: Instant? = nil, blockedBy: Int? = nil
  ) -> ProgressFacts {
    ProgressFacts(
      state: state, partitions: PartitionCounts(partitions), records: records,
      workersAlive: workers,
      held: held, firstDue: firstDue, lastDue: lastDue, blockedBy: blockedBy)
  }

  /// A meter that saw one partition of 1,000 records end each second.
  private func steady(seconds: Int, of total: Int, lastDue: Instant? = nil) -> ProgressMeter {
    var meter = ProgressMeter()
    for second in 0...seconds {
      let left = total - second
      meter.note(
        facts(
          [.succeeded: second, .running: min(1, left), .ready: max(0, left - 1)],
          records: Int64(second) * 1_000, lastDue: lastDue), at: at(Double(second)))
    }
    return meter
  }

  @Test("nothing is said before anything was seen")
  func saysNothingAtFirst() {
    #expect(ProgressMeter().progress(at: start) == nil)
    var meter = ProgressMeter()
    meter.note(facts([.ready: 90]), at: start)
    let progress = meter.progress(at: start)
    #expect(progress?.needed == 90)
    #expect(progress?.recordsPerSecond == nil)
    #expect(progress?.remaining == nil)
  }

  @Test("a steady pace gives its rate and the time left")
  func measuresPace() {
    let progress = steady(seconds: 30, of: 90).progress(at: at(30))
    #expect(progress?.done == 30)
    #expect(progress?.recordsPerSecond == 1_000)
    #expect(progress?.remaining == 60_000_000)
    #expect(progress?.waiting == nil)
  }

  @Test(
    "the time left is not told before ten seconds and five partitions",
    arguments: [
      (4, 90, 4.0), (9, 90, 9.0), (4, 90, 60.0),
    ])
  func isHonest(seconds: Int, total: Int, moment: Double) {
    #expect(steady(seconds: seconds, of: total).progress(at: at(moment))?.remaining == nil)
  }

  @Test("the rate falls when nothing comes any more")
  func seesStalls() {
    var meter = steady(seconds: 30, of: 90)
    let stalled = facts([.succeeded: 30, .running: 1, .ready: 59], records: 30_000)
    for second in 31...45 { meter.note(stalled, at: at(Double(second))) }
    #expect(meter.progress(at: at(45))?.recordsPerSecond == 0)
  }

  @Test("a pause ends what was known of the pace")
  func forgetsAfterPauses() {
    var meter = steady(seconds: 30, of: 90)
    meter.note(facts([.succeeded: 30, .ready: 60], records: 30_000, state: .paused), at: at(31))
    #expect(meter.progress(at: at(31))?.remaining == nil)
    meter.note(facts([.succeeded: 30, .ready: 60], records: 30_000), at: at(600))
    #expect(meter.progress(at: at(600))?.remaining == nil)
    #expect(meter.progress(at: at(600))?.recordsPerSecond == nil)
  }

  @Test("the time left is never less than until the last waiting partition is due")
  func waitsForTheLast() {
    let progress = steady(seconds: 89, of: 90, lastDue: at(500)).progress(at: at(89))
    #expect(progress?.remaining == 411_000_000)
  }

  @Test("nothing is left when all has ended")
  func ends() {
    #expect(steady(seconds: 90, of: 90).progress(at: at(90))?.remaining == 0)
  }

  @Test("the meter keeps a bounded number of samples, however often it is asked")
  func isBounded() {
    var meter = ProgressMeter()
    for tick in 0..<20_000 {
      meter.note(
        facts([.succeeded: tick, .running: 1, .ready: 100_000], records: Int64(tick) * 10),
        at: at(Double(tick) * 0.1))
    }
    let progress = meter.progress(at: at(1_999.9))
    #expect(progress?.recordsPerSecond.map { ($0 * 10).rounded() / 10 } == 100)
    #expect(
      Mirror(reflecting: meter).children.contains { ($0.value as? [Any])?.count ?? 0 > 700 }
        == false)
  }

  @Test(
    "what is waited for is said",
    arguments: [
      ([.ready: 5], BackfillState.awaitingApproval, 1, nil, "a second person to approve it"),
      ([.ready: 5], .paused, 1, nil, "an operator to resume it"),
      ([.ready: 5], .running, 0, nil, "a worker: none is alive, start one with backfill worker"),
      ([.ready: 5], .running, 3, nil, "a worker that is free"),
      ([.failed: 1, .ready: 5], .running, 3, 17, "partition 17 to be retried or skipped"),
      ([.running: 1, .ready: 5], .running, 3, nil, nil),
      ([.running: 1, .ready: 5], .paused, 3, nil, nil),
      ([.succeeded: 5], .succeeded, 0, nil, nil),
    ] as [([PartitionState: Int], BackfillState, Int, Int?, String?)])
  func saysWhatIsWaitedFor(
    partitions: [PartitionState: Int], state: BackfillState, workers: Int, blockedBy: Int?,
    words: String?
  ) {
    let waiting = Waiting(
      facts(partitions, state: state, workers: workers, blockedBy: blockedBy), at: start)
    #expect(waiting.map { Wording.waiting($0, at: start, in: .utc) } == words)
  }

  @Test("a source that asked for patience and a retry that is not due are said with their time")
  func saysUntilWhen() {
    let held = ProgressFacts.Held(source: "shop", until: at(90), reason: "429 Too Many Requests")
    let throttled = Waiting(facts([.waiting: 1, .ready: 3], held: held), at: start)
    #expect(
      throttled.map { Wording.waiting($0, at: start, in: .utc) }
        == "shop until 14:01:30 (429 Too Many Requests)")
    let retry = Waiting(facts([.waiting: 2], firstDue: at(86_400)), at: start)
    #expect(
      retry.map { Wording.waiting($0, at: start, in: .utc) } == "the next try at 15 March 14:00")
    #expect(Waiting(facts([.waiting: 2], firstDue: at(-1)), at: start) == .turn)
    #expect(
      Waiting(facts([.ready: 2], held: .init(source: "shop", until: at(-1))), at: start) == .turn)
  }

  @Test("counters that cannot be written are waited for, whatever they say, until all has ended")
  func saysWhyNothingIsCounted() {
    for state in [BackfillState.running, .succeeded] {
      var counting = facts([.running: 1, .ready: 3], state: state)
      counting.foldFailure = "out of disk"
      let words = Waiting(counting, at: start).map { Wording.waiting($0, at: start, in: .utc) }
      #expect(
        words == (state == .running ? "the counters, which cannot be written: out of disk" : nil))
    }
  }

  @Test("progress is one line")
  func isOneLine() {
    let meter = steady(seconds: 30, of: 90)
    let line = meter.progress(at: at(30)).map { Wording.progress($0, at: at(30), in: .utc) }
    #expect(line == "30 of 90 partitions (33%), 1,000 records/s, about 1 min left")
    var waiting = ProgressMeter()
    waiting.note(facts([.ready: 1], state: .paused), at: start)
    let other = waiting.progress(at: start).map { Wording.progress($0, at: start, in: .utc) }
    #expect(other == "0 of 1 partition (0%), waits for an operator to resume it")
  }

  @Test(
    "an estimate is rounded as roughly as it is known",
    arguments: [
      (400_000, "about 1 s"), (9_000_000, "about 9 s"), (43_000_000, "about 45 s"),
      (127_000_000, "about 2 min"),
      (1_234_000_000, "about 21 min"), (7_700_000_000, "about 2 h 10 min"),
      (200_000_000_000, "about 2 days 8 h"),
    ] as [(Int64, String)])
  func rounds(microseconds: Int64, words: String) {
    #expect(Wording.about(microseconds: microseconds) == words)
  }
}
