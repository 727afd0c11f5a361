import Domain
import Testing

/// A month of Stripe charges in Berlin, as most notices tell of it.
private func march(
  _ state: BackfillState = .succeeded, partitions: [PartitionState: Int] = [.succeeded: 31],
  records: [Outcome: Int64] = [:], sums: [BackfillFacts.Sum] = [], failed: [String] = [],
  step: String = "1d", message: String = "Stripe answered 500 five times."
) throws -> BackfillFacts {
  let berlin = try Zone("Europe/Berlin")
  return try facts(
    state, berlin.day("2026-03-01").from, berlin.day("2026-03-31").to, step: step,
    partitions: partitions, records: records, sums: sums,
    failures: failed.enumerated().map { index, day in
      BackfillFacts.Failure(
        partition: Int32(index), window: try berlin.day(day), kind: "unavailable", message: message)
    })
}

private func facts(
  _ state: BackfillState, _ from: Instant, _ to: Instant, step: String,
  partitions: [PartitionState: Int], records: [Outcome: Int64] = [:],
  sums: [BackfillFacts.Sum] = [], failures: [BackfillFacts.Failure] = []
) throws -> BackfillFacts {
  var counts = OutcomeCounts()
  for (outcome, count) in records { counts[outcome] = count }
  return BackfillFacts(
    backfill: BackfillID(rawValue: 17), stream: "stripe.charges",
    window: Window(from: from, to: to), step: step, timeZone: "Europe/Berlin", requestedBy: "anna",
    reason: "close of March", state: state, partitions: PartitionCounts(partitions),
    records: counts, sums: sums, failures: failures)
}

extension Zone {
  fileprivate func day(_ text: String) throws -> Window {
    let date = try date(text)
    return Window(from: startOfDay(date), to: startOfDay(date.adding(days: 1)))
  }

  fileprivate func at(_ text: String) throws -> Instant {
    instant(at: try #require(WallTime(text)))
  }
}

private func notice(_ occasion: Notice.Occasion, at: String = "2026-04-02T08:00Z") throws -> Notice
{
  Notice(id: NoticeID(rawValue: "ntc_1"), occasion: occasion, createdAt: try instant(at))
}

private func euro(_ amount: String, _ measure: String = "amount", _ currency: String = "EUR")
  -> BackfillFacts.Sum
{
  BackfillFacts.Sum(measure: measure, currency: currency, amount: amount)
}

@Suite struct NoticeWordingTests {
  @Test("an ending is told by what was added and changed, the sums, and what failed")
  func ending() throws {
    let facts = try march(
      .partiallyFailed, partitions: [.succeeded: 30, .failed: 1],
      records: [.inserted: 41, .unchanged: 1_162], sums: [euro("12430.00")], failed: ["2026-03-14"])
    let told = try notice(.ended(facts))
    #expect(
      told.headline
        == "Stripe charges, 1–31 March: 41 added, 0 changed, +12,430.00 EUR; 1 day failed: 14 March"
    )
    #expect(told.subject == "Stripe charges, 1–31 March: 1 day failed")
    #expect(
      told.text == """
        \(told.headline).
        14 March: Stripe answered 500 five times.
        Backfill 17, asked for by anna: close of March.
        """)
  }

  @Test("a clean ending says nothing of failures; nothing changed is said so")
  func clean() throws {
    let changed = try notice(
      .ended(march(records: [.inserted: 1_203, .versioned: 2], sums: [euro("-41.50")])))
    #expect(changed.headline == "Stripe charges, 1–31 March: 1,203 added, 2 changed, -41.50 EUR")
    #expect(changed.subject == "Stripe charges, 1–31 March: finished")
    let same = try notice(.ended(march(records: [.unchanged: 8], sums: [euro("0.00")])))
    #expect(same.headline == "Stripe charges, 1–31 March: nothing changed")
    let none = try notice(.ended(march()))
    #expect(none.headline == "Stripe charges, 1–31 March: no records found")
    let kept = try notice(.ended(march(records: [.kept: 3, .rejected: 2])))
    #expect(
      kept.headline
        == "Stripe charges, 1–31 March: nothing changed, 3 changed at the source and kept as they were, 2 rejected"
    )
  }

  @Test("several measures are named, several currencies of one are not; too many are counted")
  func sums() throws {
    let currencies = try notice(
      .ended(march(records: [.inserted: 1], sums: [euro("1.00"), euro("-2.5", "amount", "USD")])))
    #expect(currencies.headline.hasSuffix(": 1 added, 0 changed, +1.00 EUR, -2.5 USD"))
    let measures = try notice(
      .ended(march(records: [.inserted: 1], sums: [euro("1.00"), euro("-0.03", "fee")])))
    #expect(measures.headline.hasSuffix("0 changed, amount +1.00 EUR, fee -0.03 EUR"))
    let many = try notice(
      .ended(march(records: [.inserted: 1], sums: (0..<8).map { euro("1", "amount", "C\($0)") })))
    #expect(many.headline.hasSuffix("+1 C5, 2 more sums"))
  }

  @Test("many failed days are drawn together, and beyond a few only counted")
  func manyFailures() throws {
    let some = try notice(
      .ended(
        march(
          .partiallyFailed, partitions: [.succeeded: 27, .failed: 4],
          failed: ["2026-03-05", "2026-03-03", "2026-03-04", "2026-03-09"])))
    #expect(some.headline.hasSuffix("; 4 days failed: 3–5 and 9 March"))
    let scattered = (0..<15).map { "2026-03-\($0 < 5 ? "0" : "")\($0 * 2 + 1)" }
    let many = try notice(
      .ended(
        march(.partiallyFailed, partitions: [.succeeded: 6, .failed: 25], failed: scattered)))
    #expect(
      many.headline.hasSuffix(
        "; 25 days failed: 1, 3, 5, 7, 9, 11, 13 and 15 March, and 17 more days"))
    let all = try notice(
      .ended(march(.failed, partitions: [.failed: 31], failed: ["2026-03-01"])))
    #expect(all.headline == "Stripe charges, 1–31 March: all 31 days failed")
    #expect(all.subject == "Stripe charges, 1–31 March: failed")
  }

  @Test("a cancelled backfill says what was not read")
  func cancelled() throws {
    let told = try notice(
      .ended(
        march(
          .cancelled, partitions: [.succeeded: 18, .failed: 1, .cancelled: 12],
          records: [.inserted: 5], failed: ["2026-03-02"])))
    #expect(
      told.headline
        == "Stripe charges, 1–31 March: cancelled; 5 added, 0 changed; 1 day failed: 2 March; 12 of 31 days not read"
    )
    #expect(told.subject == "Stripe charges, 1–31 March: cancelled")
    let early = try notice(.ended(march(.cancelled, partitions: [.cancelled: 31])))
    #expect(
      early.headline == "Stripe charges, 1–31 March: cancelled; 31 of 31 days not read")
  }

  @Test("hours are told by the clock, months by their names, odd steps as parts")
  func steps() throws {
    let berlin = try Zone("Europe/Berlin")
    func failure(_ from: String, _ to: String) throws -> BackfillFacts.Failure {
      BackfillFacts.Failure(
        partition: 1, window: Window(from: try berlin.at(from), to: try berlin.at(to)),
        kind: "timeout", message: "Too slow.")
    }
    let hours = try facts(
      .partiallyFailed, berlin.at("2026-03-14"), berlin.at("2026-03-15T12:00"), step: "1h",
      partitions: [.succeeded: 33, .failed: 3],
      failures: [
        failure("2026-03-14T06:00", "2026-03-14T07:00"),
        failure("2026-03-14T07:00", "2026-03-14T08:00"),
        failure("2026-03-14T23:00", "2026-03-15T00:00"),
      ])
    #expect(
      try notice(.ended(hours)).headline
        == "Stripe charges, 14 March 00:00 to 15 March 12:00: no records found; 3 hours failed: 14 March 06:00 to 08:00 and 14 March 23:00 to 15 March 00:00"
    )
    let months = try facts(
      .partiallyFailed, berlin.at("2025-01-01"), berlin.at("2026-03-01"), step: "1mo",
      partitions: [.succeeded: 10, .failed: 4],
      failures: [
        failure("2025-03-01", "2025-04-01"), failure("2025-12-01", "2026-01-01"),
        failure("2026-01-01", "2026-02-01"), failure("2026-02-01", "2026-03-01"),
      ])
    #expect(
      try notice(.ended(months)).headline
        == "Stripe charges, 1 January 2025–28 February: no records found; 4 months failed: March 2025 and December 2025–February"
    )
    let parts = try facts(
      .partiallyFailed, berlin.at("2026-03-01"), berlin.at("2026-03-05"), step: "2d",
      partitions: [.succeeded: 1, .failed: 1], failures: [failure("2026-03-03", "2026-03-05")])
    #expect(try notice(.ended(parts)).headline.hasSuffix("; 1 part failed: 3–4 March"))
  }

  @Test("failures while others go on are told so far, and once it has ended in whole")
  func partitionFailed() throws {
    let running = try march(
      .running, partitions: [.succeeded: 20, .failed: 1, .ready: 10], failed: ["2026-03-14"])
    let told = try notice(.partitionFailed(running))
    #expect(
      told.headline
        == "Stripe charges, 1–31 March: 1 day failed so far: 14 March; 20 of 31 days are done, the rest goes on"
    )
    #expect(told.subject == "Stripe charges, 1–31 March: 1 day failed")
    let ended = try march(
      .partiallyFailed, partitions: [.succeeded: 30, .failed: 1], failed: ["2026-03-14"])
    #expect(
      try notice(.partitionFailed(ended)).headline
        == "Stripe charges, 1–31 March: 1 day failed: 14 March; 30 of 31 days are done")
  }

  @Test("a blocked source is told with its words and, where it names one, the end of its patience")
  func blocked() throws {
    let facts = try march(.running, partitions: [.succeeded: 20, .ready: 11])
    let refused = try notice(
      .blocked(
        facts, .init(kind: "unauthorized", message: "Stripe refused the key (401).", until: nil)))
    #expect(
      refused.headline
        == "Stripe charges, 1–31 March: blocked, somebody has to act; 20 of 31 days are done. The source says: Stripe refused the key (401)"
    )
    #expect(refused.subject == "Stripe charges, 1–31 March: blocked by the source")
    let patient = try notice(
      .blocked(
        facts,
        .init(
          kind: "rate_limited", message: "Quota used up.",
          until: try instant("2026-04-02T22:00:00.25Z"))))
    #expect(
      patient.headline
        == "Stripe charges, 1–31 March: the source asks for patience until 3 April 00:00 (Europe/Berlin); 20 of 31 days are done, the rest waits. The source says: Quota used up"
    )
  }

  @Test("records that were taken again are told as such")
  func redriven() throws {
    var facts = try march(partitions: [.succeeded: 1], records: [.inserted: 3])
    facts.mode = .redrive
    #expect(
      try notice(.ended(facts)).headline
        == "Stripe charges, 1–31 March: rejected records taken again; 3 added, 0 changed")
  }

  @Test("years are told where they are not that of the notice")
  func years() throws {
    let told = try notice(.ended(march()), at: "2027-01-02T08:00Z")
    #expect(told.headline == "Stripe charges, 1–31 March 2026: no records found")
  }

  @Test("what went wrong on this side is told without a word of workers, leases and databases")
  func ownFaults() throws {
    var facts = try march(.failed, failed: ["2026-03-14", "2026-03-20"])
    let windows = facts.failures.map(\.window)
    facts.failures = [
      BackfillFacts.Failure(
        partition: 14, window: windows[0], kind: "lost",
        message: "etl-2:4711 stopped or died and let its lease run out."),
      BackfillFacts.Failure(
        partition: 20, window: windows[1], kind: "store_refused",
        message: "The database refused a batch: XX000: index corrupted"),
    ]
    let told = try notice(.ended(facts))
    let lines = told.text.split(separator: "\n")
    #expect(
      lines[1...2] == [
        "14 March: The work on it broke off every time; whoever runs Backfill sees why with: backfill attempts 17",
        "20 March: What was read could not be stored; whoever runs Backfill sees why with: backfill attempts 17",
      ])
  }

  @Test("reasons that many share are told once, and only a few of many")
  func reasons() throws {
    var facts = try march(
      .failed, partitions: [.failed: 31],
      failed: (1...9).map { "2026-03-0\($0)" })
    for index in facts.failures.indices where index > 1 {
      facts.failures[index].message = "Reason \(index)."
    }
    let lines = try notice(.ended(facts)).text.split(separator: "\n")
    #expect(lines[1] == "1–2 March: Stripe answered 500 five times.")
    #expect(lines[5] == "6 March: Reason 5.")
    #expect(lines[6] == "… and 3 other reasons.")
  }

  @Test("text from outside stays in one line and cannot steer a terminal")
  func hostile() throws {
    var facts = try march(
      .failed, partitions: [.failed: 1], failed: ["2026-03-01"], message: "\u{1B}[2J\nBcc: a@b")
    facts.reason = "a\r\nSubject: b"
    facts.requestedBy = "\u{202E}anna\n"
    let told = try notice(.ended(facts))
    #expect(told.text.split(separator: "\n").count == 3)
    #expect(!told.text.unicodeScalars.contains { "\u{1B}\u{202E}\r".unicodeScalars.contains($0) })
    #expect(!told.subject.contains("\n"))
  }

  @Test("a zone or a step that this machine does not know is no reason to say nothing")
  func unknown() throws {
    var facts = try march()
    facts.timeZone = "Mars/Olympus"
    facts.step = "1sol"
    facts.partitions = PartitionCounts([.succeeded: 30, .failed: 1])
    facts.state = .partiallyFailed
    #expect(
      try notice(.ended(facts)).headline
        == "Stripe charges, 28 February 23:00 to 31 March 22:00: no records found; 1 part failed"
    )
  }

  @Test("a test says for whom it is")
  func test() throws {
    let told = try notice(.test(subscription: "finance"))
    #expect(told.text == "This is a test: the notices of finance arrive here.")
    #expect(told.subject == "A test notice for finance")
  }
}
