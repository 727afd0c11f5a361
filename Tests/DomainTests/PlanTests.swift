import Domain
import Testing

@Suite struct PlanTests {
  private func plan(
    _ from: String, _ to: String, _ step: String, zone: String = "UTC", order: ClaimOrder = .oldest,
    only selection: Selection = .all, covered: [Coverage] = [], failed: [Coverage] = []
  ) throws -> Plan {
    try Plan.make(
      window(from, to), step: Step(step), zone: Zone(zone), order: order, only: selection,
      covered: covered, failed: failed)
  }

  private func hours(_ plan: Plan) -> [Int64] {
    plan.partitions.map { $0.window.to.microseconds(since: $0.window.from) / 3_600_000_000 }
  }

  @Test("in one pass the whole window is one part, whatever the step")
  func onePass() throws {
    let window = Window(from: Instant(microseconds: 0), to: Instant(microseconds: 864_000_000_000))
    let plan = try Plan.make(window, step: .days(1), zone: .utc, inOnePass: true)
    #expect(plan.isOnePass)
    #expect(plan.partitions.map(\.window) == [window])
    #expect(try Plan.make(window, step: .days(1), zone: .utc).partitions.count == 10)
  }

  @Test("days follow the wall clock: one of 23 hours in spring, one of 25 in autumn")
  func followsTheWallClock() throws {
    let spring = try plan("2024-03-29T23:00Z", "2024-04-01T22:00Z", "1d", zone: "Europe/Berlin")
    #expect(hours(spring) == [24, 23, 24])
    let autumn = try plan("2024-10-25T22:00Z", "2024-10-28T23:00Z", "1d", zone: "Europe/Berlin")
    #expect(hours(autumn) == [24, 25, 24])
  }

  @Test("hours are elapsed time, and the last partition is cut at the end of the window")
  func countsHours() throws {
    let plan = try plan("2024-03-30T23:00Z", "2024-03-31T22:00Z", "6h", zone: "Europe/Berlin")
    #expect(hours(plan) == [6, 6, 6, 5])
  }

  @Test("months are counted from the first day, the day cut to the month's last")
  func countsMonths() throws {
    let plan = try plan("2024-01-31T00:00Z", "2024-06-01T00:00Z", "1mo")
    #expect(
      plan.partitions.map { Zone.utc.civilDate(of: $0.window.from).description } == [
        "2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31",
      ])
  }

  @Test("weeks begin on the weekday of the first day")
  func countsWeeks() throws {
    let plan = try plan("2024-02-28T00:00Z", "2024-03-10T00:00Z", "1w")
    #expect(hours(plan) == [168, 96])
  }

  @Test("a day that the clocks skipped makes no partition")
  func skipsDaysWithoutLength() throws {
    let apia = try Zone("Pacific/Apia")
    let window = Window(
      from: apia.startOfDay(try date("2011-12-28")), to: apia.startOfDay(try date("2012-01-02")))
    let plan = try Plan.make(window, step: .days(1), zone: apia)
    #expect(
      plan.partitions.map { apia.civilDate(of: $0.window.from).day } == [28, 29, 31, 1])
    #expect(hours(plan) == [24, 24, 24, 24])
  }

  @Test("a day whose midnight was skipped does not move the days after it")
  func keepsMidnights() throws {
    let zone = try Zone("America/Sao_Paulo")
    let plan = try plan("2018-11-04T03:00Z", "2018-11-07T02:00Z", "1d", zone: zone.name)
    #expect(hours(plan) == [23, 24, 24])
    #expect(
      plan.partitions.allSatisfy {
        zone.startOfDay(zone.civilDate(of: $0.window.from)) == $0.window.from
      })
  }

  @Test(
    "partitions are numbered by time and ranked by the order of claiming",
    arguments: [
      (ClaimOrder.oldest, [1, 2, 3]), (.newest, [3, 2, 1]), (.strict, [1, 2, 3]),
    ])
  func ranks(order: ClaimOrder, ranks: [Int]) throws {
    let plan = try plan("2024-01-01T00:00Z", "2024-01-04T00:00Z", "1d", order: order)
    #expect(plan.partitions.map(\.number) == [1, 2, 3])
    #expect(plan.partitions.map(\.rank) == ranks)
  }

  @Test("only what is missing is planned; what is covered is left out and says by whom")
  func plansMissing() throws {
    let covered = [
      Coverage(try window("2024-01-02T00:00Z", "2024-01-02T12:00Z"), by: BackfillID(rawValue: 9)),
      Coverage(try window("2024-01-01T00:00Z", "2024-01-02T00:00Z"), by: BackfillID(rawValue: 4)),
      Coverage(try window("2024-01-02T11:00Z", "2024-01-03T06:00Z"), by: BackfillID(rawValue: 7)),
    ]
    let plan = try plan(
      "2024-01-01T00:00Z", "2024-01-05T00:00Z", "1d", order: .newest, only: .missing,
      covered: covered)
    #expect(plan.skipped.map(\.number) == [1, 2])
    #expect(
      plan.skipped.map(\.reason) == [
        .covered(by: [BackfillID(rawValue: 4)]),
        .covered(by: [BackfillID(rawValue: 7), BackfillID(rawValue: 9)]),
      ])
    #expect(plan.partitions.map(\.number) == [3, 4])
    #expect(plan.partitions.map(\.rank) == [2, 1])
    #expect(plan.partitions.map(\.partlyCoveredBy) == [[BackfillID(rawValue: 7)], []])
  }

  @Test("only what failed is planned, whole steps of it")
  func plansFailed() throws {
    let failed = [
      Coverage(try window("2024-01-02T06:00Z", "2024-01-02T12:00Z"), by: BackfillID(rawValue: 3)),
      Coverage(try window("2023-01-01T00:00Z", "2023-01-02T00:00Z"), by: BackfillID(rawValue: 2)),
    ]
    let plan = try plan(
      "2024-01-01T00:00Z", "2024-01-04T00:00Z", "1d", only: .failed, failed: failed)
    #expect(try plan.partitions.map(\.window) == [window("2024-01-02T00:00Z", "2024-01-03T00:00Z")])
    #expect(plan.skipped.map(\.reason) == [.didNotFail, .didNotFail])
  }

  @Test("a gap between two coverages leaves a part uncovered")
  func seesGaps() throws {
    let covered = [
      Coverage(try window("2024-01-01T00:00Z", "2024-01-01T12:00Z"), by: BackfillID(rawValue: 1)),
      Coverage(try window("2024-01-01T13:00Z", "2024-01-02T00:00Z"), by: BackfillID(rawValue: 1)),
    ]
    let plan = try plan(
      "2024-01-01T00:00Z", "2024-01-02T00:00Z", "1d", only: .missing, covered: covered)
    #expect(plan.partitions.map(\.partlyCoveredBy) == [[BackfillID(rawValue: 1)]])
  }

  @Test("more than a million partitions are refused, and a million are not")
  func limitsPartitions() throws {
    let million = Window(
      from: Instant(microseconds: 0), to: Instant(microseconds: 60_000_000_000_000))
    #expect(try Plan.make(million, step: .minutes(1), zone: .utc).partitions.count == 1_000_000)
    let more = Window(from: million.from, to: million.to.adding(microseconds: 1))
    let fault = #expect(throws: InputFault.self) {
      try Plan.make(more, step: .minutes(1), zone: .utc)
    }
    #expect(fault == .tooManyPartitions(about: 1_000_001, step: .minutes(1)))
  }

  @Test(
    "in every zone and with every step the partitions cover the window without gap or overlap",
    arguments: Seeded.seeds(2))
  func tiles(seed: UInt64) throws {
    var generator = Seeded(seed)
    let steps = ["1d", "1d", "2d", "1w", "1mo", "5mo", "6h", "1h", "30min", "1440min", "45d"]
    for name in Zones.all {
      let zone = try Zone(name)
      let step = try Step(generator.pick(steps))
      let window = randomWindow(in: zone, using: &generator)
      let plan = try Plan.make(window, step: step, zone: zone)
      let again = try Plan.make(window, step: step, zone: zone)
      let context: Comment = "\(name) \(step) \(window.from) \(window.to), seed \(seed)"
      #expect(plan == again, context)
      var reached = window.from
      for partition in plan.partitions {
        guard partition.window.from == reached, partition.window.to > reached else {
          Issue.record("gap, overlap or no length at \(reached); \(context)")
          break
        }
        reached = partition.window.to
      }
      #expect(reached == window.to, context)
    }
  }

  /// From a midnight or any moment between 1970 and 2040, for up to 400 days.
  private func randomWindow(in zone: Zone, using generator: inout Seeded) -> Window {
    let date = CivilDate(dayNumber: .random(in: 0..<25_567, using: &generator))
    let start = zone.startOfDay(date)
    let into =
      Bool.random(using: &generator) ? Int64.random(in: 0..<86_400_000_000, using: &generator) : 0
    let from = start.adding(microseconds: into)
    let days = Int.random(in: 1...400, using: &generator)
    return Window(from: from, to: zone.startOfDay(date.adding(days: days + 2)))
  }

  @Test(
    "missing and covered parts together are the whole, and nothing covered is planned",
    arguments: Seeded.seeds(2))
  func partsTheWindow(seed: UInt64) throws {
    var generator = Seeded(seed)
    let start = Int64(1_704_067_200_000_000)
    let hour = Int64(3_600_000_000)
    for _ in 0..<200 {
      let covered = (0..<Int.random(in: 0...12, using: &generator)).map { id in
        let from = start + hour * .random(in: -10..<80, using: &generator)
        let to = from + hour * .random(in: 1...30, using: &generator)
        return Coverage(
          Window(from: Instant(microseconds: from), to: Instant(microseconds: to)),
          by: BackfillID(rawValue: Int64(id)))
      }
      let window = Window(
        from: Instant(microseconds: start), to: Instant(microseconds: start + hour * 72))
      let plan = try Plan.make(
        window, step: .hours(5), zone: .utc, only: .missing, covered: covered)
      let numbers = plan.partitions.map(\.number) + plan.skipped.map(\.number)
      #expect(numbers.sorted() == Array(1...15), "seed \(seed)")
      let isCovered = { (moment: Int64) in
        covered.contains { $0.window.contains(Instant(microseconds: moment)) }
      }
      for skipped in plan.skipped {
        let moments = stride(
          from: skipped.window.from.microseconds, to: skipped.window.to.microseconds, by: Int(hour))
        #expect(moments.allSatisfy(isCovered), "seed \(seed)")
      }
      for partition in plan.partitions {
        let moments = stride(
          from: partition.window.from.microseconds, to: partition.window.to.microseconds,
          by: Int(hour))
        #expect(!moments.allSatisfy(isCovered), "seed \(seed)")
        #expect(
          moments.contains(where: isCovered) == !partition.partlyCoveredBy.isEmpty, "seed \(seed)")
      }
    }
  }

  @Test("a million daily partitions are planned in well under a second")
  func isFast() throws {
    let from = Instant(microseconds: -62_135_596_800_000_000)
    let window = Window(from: from, to: from.adding(microseconds: 86_400_000_000 * 999_999))
    let zone = try Zone("Europe/Berlin")
    let clock = ContinuousClock()
    var count = 0
    let time = try clock.measure {
      count = try Plan.make(window, step: .days(1), zone: zone).partitions.count
    }
    #expect(count == 1_000_000)
    #expect(time < .seconds(4), "an unoptimised build on a busy machine takes below one")
  }

  private let day: Int64 = 86_400_000_000

  @Test("what the source has not settled yet is left out, with the reason")
  func leavesOutUnsettled() throws {
    let horizon = SourceHorizon(settleLag: 2 * 3_600_000_000)
    func plan(now: String) throws -> Plan {
      try Plan.make(
        window("2024-03-01T00:00Z", "2024-03-04T00:00Z"), step: .days(1), zone: .utc,
        horizon: horizon, now: instant(now))
    }
    #expect(try plan(now: "2024-03-04T02:00Z").skipped.isEmpty)
    let early = try plan(now: "2024-03-04T01:59Z")
    #expect(early.partitions.map(\.number) == [1, 2])
    #expect(early.skipped.map(\.number) == [3])
    #expect(
      early.skipped.first?.reason.description
        == "The source settles within 2 hours, so that records may still be missing; "
        + "submit it again later, with --only missing.")
  }

  @Test("what the source may have changed since it was covered is planned again with missing")
  func rereads() throws {
    let window = try window("2024-03-01T00:00Z", "2024-03-04T00:00Z")
    let covered = [Coverage(window, by: BackfillID(rawValue: 7))]
    func planned(_ reread: Int64?) throws -> [Int] {
      try Plan.make(
        window, step: .days(1), zone: .utc, only: .missing, covered: covered,
        horizon: SourceHorizon(reread: reread), now: instant("2024-03-05T00:00Z")
      ).partitions.map(\.number)
    }
    #expect(try planned(nil) == [])
    #expect(try planned(day) == [])
    #expect(try planned(2 * day) == [3])
    #expect(try planned(2 * day + 1) == [2, 3])
  }

  @Test("a source that keeps less than is asked for, or filters nothing, is warned of")
  func warns() throws {
    let window = try window("2024-03-01T00:00Z", "2024-03-04T00:00Z")
    let now = try instant("2024-03-31T00:00Z")
    let kept = SourceHorizon(retention: 30 * day, filtersNothing: true)
    #expect(kept.warnings(for: window, partitions: 1, in: .utc, now: now) == [])
    let later = now.adding(microseconds: 1)
    let warnings = kept.warnings(for: window, partitions: 3, in: .utc, now: later)
    #expect(warnings.count == 2)
    #expect(warnings.first?.hasPrefix("The source keeps records for 30 days: of what was") == true)
    #expect(warnings.last?.contains("each of the 3 partitions reads the whole stream") == true)
  }
}
