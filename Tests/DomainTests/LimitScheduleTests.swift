import Testing

@testable import Domain

@Suite("The schedule of limits")
struct LimitScheduleTests {
  private static let second: Int64 = 1_000_000

  /// One request as the source counts it.
  private struct Arrival {
    var at: Int64
    var cost: Int64
  }

  /// Processes that ask, use, give back, lose and delay slots as it pleases a seed.
  private struct Crowd {
    var generator: Seeded
    let limits: [RequestLimit]
    var schedules: [LimitSchedule]
    let costs: [Int64]
    var arrivals: [Arrival] = []
    var now: Int64

    init(_ limits: [RequestLimit], cost: Int64, seed: UInt64) throws {
      generator = Seeded(seed)
      self.limits = limits
      schedules = try limits.compactMap { try $0.schedule() }
      costs = limits.map { limit in if case .cost = limit.rule { cost } else { 1 } }
      now = 1_700_000_000_000_000 + Int64.random(in: 0...86_400_000_000, using: &generator)
    }

    /// How long the way to the source may take more at one time than at another.
    private var way: Int64 {
      limits.compactMap(\.pace).map { $0.allowance - $0.slack - $0.lateness }.min() ?? second
    }

    mutating func act() {
      let (granted, _) = LimitSchedule.grant(
        Int.random(in: 1...12, using: &generator), costs: costs, under: &schedules, now: now,
        horizon: 5 * second)
      for taken in granted {
        switch Int.random(in: 0..<10, using: &generator) {
        // Killed: the slot is lost.
        case 0: continue
        case 1: giveBack(taken)
        default:
          let sent = Int64.random(in: taken.at...taken.until, using: &generator)
          let onTheWay = Int64.random(in: 0...way, using: &generator)
          arrivals.append(Arrival(at: sent + onTheWay, cost: costs.max() ?? 1))
        }
      }
      // Now and then nobody asks for a while, and buckets fill.
      let pause = generator.pick([0, 1_000, 20_000, 200_000, 3_000_000])
      now += Int64.random(in: 0...Int64(pause), using: &generator)
    }

    private mutating func giveBack(_ taken: LimitSchedule.Taken) {
      let at = min(max(now, taken.at - 1), now + Int64.random(in: 0...second, using: &generator))
      for index in schedules.indices {
        schedules[index].giveBack(taken.slots[index], cost: costs[index], now: at)
      }
    }
  }

  /// The most of a cost that lies in any window of a length.
  private func most(_ arrivals: [Arrival], in window: Int64) -> Int64 {
    var (last, sum, most) = (0, Int64(0), Int64(0))
    for first in arrivals.indices {
      while last < arrivals.count, arrivals[last].at - arrivals[first].at < window {
        sum += arrivals[last].cost
        last += 1
      }
      most = max(most, sum)
      sum -= arrivals[first].cost
    }
    return most
  }

  /// How often a bucket that begins full is asked for what it does not hold.
  private func refusals(
    _ arrivals: [Arrival], burst: Int, _ rate: RequestLimit.Rate, costs: Bool
  ) -> Int {
    var level = Double(burst)
    var last = arrivals.first?.at ?? 0
    var refused = 0
    for arrival in arrivals {
      let filled = Double(arrival.at - last) * Double(rate.count) / Double(rate.period)
      level = min(Double(burst), level + filled)
      last = arrival.at
      let cost = costs ? Double(arrival.cost) : 1
      // The rounding of this test itself.
      if level + 1e-6 < cost { refused += 1 } else { level -= cost }
    }
    return refused
  }

  private static let budgets: [[RequestLimit]] = [
    [RequestLimit("a", .movingWindow(.init(25, per: second)))],
    [RequestLimit("a", .movingWindow(.init(1, per: second)))],
    [RequestLimit("a", .fixedWindow(.init(100, per: 10 * second)))],
    [RequestLimit("a", .tokenBucket(.init(2, per: second), burst: 40))],
    [RequestLimit("a", .leakyBucket(.init(10, per: second), burst: 1))],
    [RequestLimit("a", .tokenBucket(.init(25, per: second), burst: 25))],
    [RequestLimit("a", .cost(.init(100, per: second), burst: 1_000, each: 10))],
    [
      RequestLimit("burst", .fixedWindow(.init(10, per: second))),
      RequestLimit("steady", .fixedWindow(.init(150, per: 60 * second))),
    ],
    [
      RequestLimit("account", .movingWindow(.init(100, per: second)), reserve: 0.5),
      RequestLimit("bucket", .leakyBucket(.init(30, per: second), burst: 12)),
      RequestLimit("points", .cost(.init(500, per: second), burst: 1_000, each: 10)),
    ],
  ]

  @Test("lets no window hold more and empties no bucket, whoever asks, dies, delays or gives back")
  func neverMore() throws {
    for limits in Self.budgets {
      for seed in Seeded.seeds(12) {
        var crowd = try Crowd(limits, cost: 7, seed: seed)
        for _ in 0..<400 { crowd.act() }
        let arrivals = crowd.arrivals.sorted { $0.at < $1.at }
        #expect(arrivals.count > 50, "seed \(seed)")
        for limit in limits {
          switch limit.rule {
          case .movingWindow(let rate), .fixedWindow(let rate):
            let counted = arrivals.map { Arrival(at: $0.at, cost: 1) }
            let most = most(counted, in: rate.period)
            #expect(most <= limit.withoutReserve(rate.count), "\(limit.name), seed \(seed)")
          case .tokenBucket(let rate, let burst), .leakyBucket(let rate, let burst):
            let refused = refusals(arrivals, burst: burst, rate, costs: false)
            #expect(refused == 0, "\(limit.name) of \(limits.count), seed \(seed)")
          case .cost(let rate, let burst, _):
            let refused = refusals(arrivals, burst: burst, rate, costs: true)
            #expect(refused == 0, "\(limit.name) of \(limits.count), seed \(seed)")
          case .concurrency, .daily: Issue.record("not counted here")
          }
        }
      }
    }
  }

  @Test("uses nine tenths of a limit where there is always somebody who asks")
  func nineTenths() throws {
    for limits in Self.budgets {
      guard let rate = limits.compactMap(\.rate).min(by: { $0.perSecond < $1.perSecond }) else {
        continue
      }
      var schedules = try limits.compactMap { try $0.schedule() }
      let costs = limits.map { _ in Int64(1) }
      let start: Int64 = 1_700_000_000_000_000
      var count = 0
      // The burst at the beginning is let pass.
      for step in 0..<4_000 {
        let now = start + Int64(step) * 100_000
        let (granted, _) = LimitSchedule.grant(
          64, costs: costs, under: &schedules, now: now, horizon: 100_000)
        if step >= 2_000 { count += granted.count }
      }
      #expect(Double(count) >= 0.9 * 200 * rate.perSecond, "\(limits.map(\.name)): \(count)")
    }
  }

  @Test("counts a day to its end and begins anew behind it, and keeps clear of midnight")
  func daily() throws {
    let limit = RequestLimit("day", .daily(10, zone: "Europe/Berlin"), reserve: 0.2)
    var schedules = [try #require(try limit.schedule())]
    // 2024-03-01 22:59 UTC, a minute before midnight in Berlin.
    let start = try #require(Instant("2024-03-01T22:59:00Z")).microseconds
    let midnight = start + 60 * Self.second
    let (today, wait) = LimitSchedule.grant(
      20, costs: [1], under: &schedules, now: start, horizon: 5 * Self.second)
    #expect(today.count == 8)
    #expect(start + wait == midnight + Self.second)
    let (late, _) = LimitSchedule.grant(
      3, costs: [1], under: &schedules, now: midnight - Self.second, horizon: 5 * Self.second)
    #expect(late.map(\.at) == Array(repeating: midnight + Self.second, count: 3))
    let (tomorrow, _) = LimitSchedule.grant(
      20, costs: [1], under: &schedules, now: midnight + 60 * Self.second, horizon: 0)
    #expect(tomorrow.count == 5)
  }

  @Test("gives slots that came back to the next who asks")
  func comesBack() throws {
    let limit = RequestLimit("a", .movingWindow(.init(10, per: Self.second)))
    var schedules = [try #require(try limit.schedule())]
    let now: Int64 = 1_700_000_000_000_000
    let first = LimitSchedule.grant(
      5, costs: [1], under: &schedules, now: now, horizon: 5 * Self.second
    ).granted
    schedules[0].giveBack(first[3].slots[0], cost: 1, now: now)
    let second = LimitSchedule.grant(
      2, costs: [1], under: &schedules, now: now, horizon: 5 * Self.second
    ).granted
    #expect(second.map(\.at).first == first[3].at)
    #expect(second[1].at > first[4].at)
  }

  @Test("leaves to another endpoint what one that is busy passes over")
  func passedOver() throws {
    let account = RequestLimit("account", .movingWindow(.init(100, per: Self.second)))
    let endpoint = RequestLimit("endpoint", .movingWindow(.init(1, per: Self.second)))
    let now: Int64 = 1_700_000_000_000_000
    var both = [try #require(try account.schedule()), try #require(try endpoint.schedule())]
    _ = LimitSchedule.grant(
      4, costs: [1, 1], under: &both, now: now, horizon: 5 * Self.second)
    var other = [both[0]]
    let granted = LimitSchedule.grant(
      50, costs: [1], under: &other, now: now, horizon: Self.second
    ).granted
    #expect(granted.count == 50)
    #expect(granted.allSatisfy { $0.at < now + 600_000 })
  }

  @Test("is lowered by what an answer says, less what was granted since")
  func lowered() throws {
    let limit = RequestLimit("a", .tokenBucket(.init(10, per: Self.second), burst: 40))
    var schedules = [try #require(try limit.schedule())]
    let now: Int64 = 1_700_000_000_000_000
    _ = LimitSchedule.grant(4, costs: [1], under: &schedules, now: now, horizon: 0)
    // Said of the second request: five could be asked at once, two of which were granted since.
    schedules[0].lower(by: Lowering(available: 5), ordinal: 2, now: now)
    let left = LimitSchedule.grant(20, costs: [1], under: &schedules, now: now, horizon: 0)
    #expect(left.granted.count == 3)
    schedules[0].lower(
      by: Lowering(left: .init(2, within: 60 * Self.second)), ordinal: 7, now: now)
    let later = now + 10 * Self.second
    let few = LimitSchedule.grant(20, costs: [1], under: &schedules, now: later, horizon: 0)
    #expect(few.granted.count == 2)
    #expect(few.wait == 50 * Self.second)
  }
}

extension RequestLimit {
  fileprivate var rate: Rate? {
    switch rule {
    case .movingWindow(let rate), .fixedWindow(let rate), .tokenBucket(let rate, _),
      .leakyBucket(let rate, _), .cost(let rate, _, _):
      Rate(withoutReserve(rate.count), per: rate.period)
    case .concurrency, .daily: nil
    }
  }
}

extension RequestLimit.Rate {
  fileprivate var perSecond: Double { Double(count) * 1_000_000 / Double(period) }
}
