import Domain
import Testing

@Suite("A window that is cut")
struct SplitRuleTests {
  @Test("is cut about its middle, where a day, an hour or a minute begins")
  func round() throws {
    let rule = SplitRule()
    for (from, to, cut) in [
      ("2024-03-01T00:00Z", "2024-03-02T00:00Z", "2024-03-01T12:00Z"),
      ("2024-03-01T00:00Z", "2024-03-08T00:00Z", "2024-03-04T00:00Z"),
      ("2024-03-01T00:00Z", "2024-04-01T00:00Z", "2024-03-16T00:00Z"),
      ("2024-03-01T00:00Z", "2024-03-04T00:00Z", "2024-03-02T00:00Z"),
      ("2024-03-01T10:00Z", "2024-03-01T11:00Z", "2024-03-01T10:30Z"),
      ("2024-03-01T10:00Z", "2024-03-01T13:00Z", "2024-03-01T11:00Z"),
      ("2024-03-01T10:00:00Z", "2024-03-01T10:00:03Z", "2024-03-01T10:00:01Z"),
      ("2024-03-01T10:00:00.7Z", "2024-03-01T10:00:03.2Z", "2024-03-01T10:00:02Z"),
    ] {
      #expect(rule.middle(of: try window(from, to)) == (try instant(cut)), "\(from) to \(to)")
    }
  }

  @Test("has days as its zone has them")
  func zones() throws {
    let rule = SplitRule(zone: try Zone("Europe/Berlin"))
    // 30 March has 24 hours in Berlin, the 31st 23.
    let days = try window("2024-03-29T23:00Z", "2024-03-31T22:00Z")
    #expect(rule.middle(of: days) == (try instant("2024-03-30T23:00Z")))
    let onlyDays = SplitRule(grain: .day, zone: try Zone("Europe/Berlin"))
    #expect(onlyDays.middle(of: days) == (try instant("2024-03-30T23:00Z")))
    #expect(onlyDays.middle(of: try window("2024-03-30T23:00Z", "2024-03-31T22:00Z")) == nil)
  }

  @Test("is left whole where a part would be shorter than the least, or than a grain")
  func least() throws {
    let second = try window("2024-03-01T10:00:00Z", "2024-03-01T10:00:01Z")
    #expect(SplitRule().middle(of: second) == nil)
    #expect(
      SplitRule(grain: .microseconds(1_000), least: 1_000).middle(of: second)
        == (try instant("2024-03-01T10:00:00.5Z")))
    let hour = try window("2024-03-01T10:00Z", "2024-03-01T11:00Z")
    #expect(SplitRule(least: 3_600_000_000).middle(of: hour) == nil)
    #expect(SplitRule(least: 1_800_000_001).middle(of: hour) == nil)
    #expect(SplitRule(least: 1_800_000_000).middle(of: hour) == (try instant("2024-03-01T10:30Z")))
  }

  @Test("however it is cut, again and again, is tiled by its parts exactly, and the cutting ends")
  func tiles() throws {
    for seed in Seeded.seeds(300) {
      var generator = Seeded(seed)
      let rule = try Self.rule(&generator)
      let whole = Self.anyWindow(&generator)
      var open = [whole]
      var ended: [Window] = []
      while let window = open.popLast() {
        guard let cut = rule.middle(of: window) else {
          ended.append(window)
          continue
        }
        #expect(window.from < cut && cut < window.to, "seed \(seed)")
        #expect(rule.floor(cut) == cut, "seed \(seed)")
        #expect(cut.microseconds(since: window.from) >= rule.least, "seed \(seed)")
        #expect(window.to.microseconds(since: cut) >= rule.least, "seed \(seed)")
        let parts = [Window(from: window.from, to: cut), Window(from: cut, to: window.to)]
        // A few ways down are enough; the rest stays as it is.
        if Int.random(in: 0..<3, using: &generator) == 0 || ended.count + open.count > 200 {
          ended += parts
        } else {
          open += parts
        }
      }
      expectTiles(ended, whole, "seed \(seed)")
    }
  }

  @Test("can be cut as long as a grain begins inside that leaves both parts long enough")
  func complete() throws {
    for seed in Seeded.seeds(300) {
      var generator = Seeded(seed)
      let rule = SplitRule(
        grain: .microseconds(generator.pick([1, 7, 1_000, 60_000_000])),
        least: Int64.random(in: 1...40, using: &generator))
      let from = Instant(microseconds: Int64.random(in: -200...200, using: &generator))
      let window = Window(
        from: from, to: from.adding(microseconds: Int64.random(in: 1...120, using: &generator)))
      let cuts = (from.microseconds..<window.to.microseconds)
        .filter { rule.allows(Instant(microseconds: $0), in: window) }
      #expect((rule.middle(of: window) == nil) == cuts.isEmpty, "seed \(seed)")
    }
  }

  private static func rule(_ generator: inout Seeded) throws -> SplitRule {
    let zone = try Zone(
      generator.pick(["UTC", "Europe/Berlin", "Asia/Kolkata", "Pacific/Apia", "America/Caracas"]))
    let grains: [SplitRule.Grain] = [
      .day, .microseconds(1), .microseconds(1_000), .microseconds(1_000_000),
      .microseconds(60_000_000), .microseconds(900_000_000),
    ]
    return SplitRule(
      grain: generator.pick(grains), least: generator.pick([1, 1_000_000, 3_600_000_000]),
      zone: zone)
  }

  private static func anyWindow(_ generator: inout Seeded) -> Window {
    let from = Instant(
      microseconds: Int64.random(in: 0...1_900_000_000_000_000, using: &generator))
    let length: Int64 = generator.pick([
      1, 1_500_000, 3_600_000_000, 86_400_000_000, 2_678_400_000_000,
    ])
    return Window(
      from: from, to: from.adding(microseconds: Int64.random(in: 1...length, using: &generator)))
  }
}

@Suite("What becomes of a partition that is too large")
struct SplitDecisionTests {
  private static let failure = SourceFailure(
    .windowTooLarge, "shop gives no more than 10,000 orders of one search.")

  @Test("for its source: it is cut in two, and at the smallest window it fails with a sentence")
  func decides() throws {
    let day = try window("2024-03-01T00:00Z", "2024-03-02T00:00Z")
    #expect(
      SplitDecision.decide(Self.failure, over: day, rule: SplitRule())
        == .cut(at: try instant("2024-03-01T12:00Z")))
    let second = try window("2024-03-01T10:00:00Z", "2024-03-01T10:00:01Z")
    guard
      case .fail(let failure) = SplitDecision.decide(
        Self.failure, over: second, rule: SplitRule())
    else {
      Issue.record("it was cut")
      return
    }
    #expect(failure.kind == .windowTooLarge)
    #expect(failure.message.hasPrefix(Self.failure.message))
    #expect(failure.message.contains("cannot be made smaller"))
    var generator = Seeded(1)
    #expect(
      RetryDecision.decide(failure, failuresWithoutProgress: 1, using: &generator)
        == .fail(.notRetryable))
  }

  @Test("where it verifies others: it is cut where one of them begins, the nearest to its middle")
  func boundaries() throws {
    let days = try window("2024-03-01T00:00Z", "2024-03-09T00:00Z")
    let begins = try ["2024-03-02T00:00Z", "2024-03-04T07:00Z", "2024-03-07T12:00Z"].map(instant)
    #expect(
      SplitDecision.decide(Self.failure, over: days, rule: SplitRule(), boundaries: begins)
        == .cut(at: begins[1]))
    let outside = try ["2024-03-01T00:00Z", "2024-03-09T00:00Z"].map(instant)
    for none in [outside, []] {
      guard
        case .fail = SplitDecision.decide(
          Self.failure, over: days, rule: SplitRule(), boundaries: none)
      else {
        Issue.record("it was cut at none of them")
        continue
      }
    }
  }

  @Test(
    "for one attempt: what is done and the rest tile its window, cut before the instant reached")
  func sharesOut() throws {
    for seed in Seeded.seeds(300) {
      var generator = Seeded(seed)
      let rule = SplitRule(
        grain: generator.pick([.microseconds(1_000_000), .microseconds(60_000_000), .day]),
        isAscending: true)
      let from = Instant(
        microseconds: Int64.random(in: 0...1_000_000_000, using: &generator) * 1_000_000)
      let length = Int64.random(in: 1...400_000, using: &generator) * 1_000_000
      let whole = Window(from: from, to: from.adding(microseconds: length))
      let reached = from.adding(microseconds: Int64.random(in: 0..<length, using: &generator))
      switch OutgrowthDecision.decide(whole, reached: reached, rule: rule) {
      case .goOn: #expect(!rule.allows(rule.floor(reached), in: whole), "seed \(seed)")
      case .shareOut(let cut, let rest):
        #expect(cut <= reached, "seed \(seed)")
        #expect(rest.count <= OutgrowthDecision.mostParts, "seed \(seed)")
        #expect(rest.first?.from == cut, "seed \(seed)")
        expectTiles([Window(from: from, to: cut)] + rest, whole, "seed \(seed)")
      }
    }
  }

  @Test("for one attempt: the more is left, the more parts it makes")
  func parts() throws {
    let day = try window("2024-03-01T00:00Z", "2024-03-02T00:00Z")
    let rule = SplitRule(isAscending: true)
    func parts(_ reached: String) throws -> Int {
      guard
        case .shareOut(_, let rest) = OutgrowthDecision.decide(
          day, reached: try instant(reached), rule: rule)
      else { return 0 }
      return rest.count
    }
    #expect(try parts("2024-03-01T00:10Z") == 16)
    #expect(try parts("2024-03-01T06:00Z") == 4)
    #expect(try parts("2024-03-01T12:00Z") == 2)
    #expect(try parts("2024-03-01T23:00Z") == 2)
    #expect(try parts("2024-03-01T23:59:59Z") == 1)
    #expect(try parts("2024-03-01T00:00:00.5Z") == 0)
  }

  @Test("for one attempt: a feed in another order than said is never cut")
  func order() throws {
    let day = try window("2024-03-01T00:00Z", "2024-03-02T00:00Z")
    #expect(
      OutgrowthDecision.decide(day, reached: day.from.adding(microseconds: 1), rule: SplitRule())
        == .goOn)
    var watch = FeedWatch(SplitRule(isAscending: true))
    #expect(watch.reached == nil)
    for second: Int64 in [10, 11, 11, 15] {
      watch.note(Instant(microseconds: second * 1_000_000 + 500_000))
    }
    watch.note(Instant(microseconds: 15_100_000))
    #expect(watch.reached == Instant(microseconds: 15_500_000))
    watch.note(Instant(microseconds: 14_900_000))
    #expect(watch.reached == nil)
    watch.note(Instant(microseconds: 20_000_000))
    #expect(watch.reached == nil)
  }
}

/// Expects that parts, in whatever order, cover a window without gap or overlap.
private func expectTiles(_ parts: [Window], _ whole: Window, _ note: String) {
  var reached = whole.from
  for part in parts.sorted(by: { $0.from < $1.from }) {
    #expect(part.from == reached && part.from < part.to, "\(note)")
    reached = part.to
  }
  #expect(reached == whole.to, "\(note)")
}
