import Domain
import Testing

@Suite("A plan that joins thin neighbours")
struct JoinedStepsTests {
  private static let day: Int64 = 86_400_000_000

  @Test("puts days together that held few records, and leaves the others as they are")
  func joins() throws {
    let march = try window("2024-03-01T00:00Z", "2024-03-11T00:00Z")
    // The fourth day is heavy, the ninth and tenth were never read.
    let records: [Int64] = [0, 10, 5, 50_000, 0, 1_500, 400, 200]
    let loads = records.enumerated().map { load($0.offset, $0.element, in: march, by: 1) }
    let plan = try Plan.make(march, step: .days(1), zone: .utc, loads: loads)
    #expect(days(plan, from: march.from) == [0..<3, 3..<4, 4..<7, 7..<8, 8..<9, 9..<10])
    #expect(plan.partitions.map(\.number) == [1, 2, 3, 4, 5, 6])
    #expect(plan.partitions.map(\.rank) == [1, 2, 3, 4, 5, 6])
  }

  @Test("goes by the latest backfill that read a step whole")
  func latest() throws {
    let days = try window("2024-03-01T00:00Z", "2024-03-03T00:00Z")
    let thin = [load(0, 1, in: days, by: 1), load(1, 1, in: days, by: 1)]
    let heavy = [load(0, 9_000, in: days, by: 2), load(1, 9_000, in: days, by: 2)]
    func count(_ loads: [WindowLoad]) throws -> Int {
      try Plan.make(days, step: .days(1), zone: .utc, loads: loads).partitions.count
    }
    #expect(try count(thin) == 1)
    #expect(try count(thin + heavy) == 2)
    #expect(try count(heavy + thin.map { WindowLoad($0.window, records: 1, by: id(3)) }) == 1)
    // One that read only a part of a day says nothing of the whole.
    let half = Window(from: days.from, to: days.from.adding(microseconds: Self.day / 2))
    #expect(try count(thin + [WindowLoad(half, records: 9_000, by: id(4))]) == 1)
    #expect(try count([WindowLoad(half, records: 0, by: id(4))]) == 2)
    #expect(try count([]) == 2)
  }

  @Test("always tiles the window, and joins no more steps than it may")
  func tiles() throws {
    for seed in Seeded.seeds(200) {
      var generator = Seeded(seed)
      let count = Int.random(in: 1...200, using: &generator)
      let from = try instant("2024-01-01T00:00Z")
      let whole = Window(from: from, to: from.adding(microseconds: Int64(count) * Self.day))
      let loads = (0..<count).flatMap { day -> [WindowLoad] in
        (0..<Int.random(in: 0...2, using: &generator)).map { _ in
          load(
            day, Int64.random(in: 0...3_000, using: &generator), in: whole,
            by: Int64.random(in: 1...3, using: &generator))
        }
      }
      let plan = try Plan.make(whole, step: .days(1), zone: .utc, loads: loads)
      var reached = whole.from
      for partition in plan.partitions {
        #expect(partition.window.from == reached, "seed \(seed)")
        let steps = partition.window.to.microseconds(since: reached) / Self.day
        #expect((1...32).contains(steps), "seed \(seed)")
        reached = partition.window.to
      }
      #expect(reached == whole.to, "seed \(seed)")
    }
  }

  private func load(
    _ day: Int, _ records: Int64, in window: Window, by backfill: Int64
  ) -> WindowLoad {
    let from = window.from.adding(microseconds: Int64(day) * Self.day)
    return WindowLoad(
      Window(from: from, to: from.adding(microseconds: Self.day)), records: records,
      by: id(backfill))
  }

  private func id(_ number: Int64) -> BackfillID { BackfillID(rawValue: number) }

  private func days(_ plan: Plan, from: Instant) -> [Range<Int>] {
    func day(_ instant: Instant) -> Int { Int(instant.microseconds(since: from) / Self.day) }
    return plan.partitions.map { day($0.window.from)..<day($0.window.to) }
  }
}
