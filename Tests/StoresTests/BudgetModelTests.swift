import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("The grants of the store")
struct BudgetModelTests {
  private static let second: Int64 = 1_000_000

  private static let budgets: [[RequestLimit]] = [
    [RequestLimit("a", .movingWindow(.init(50, per: second)))],
    [RequestLimit("a", .tokenBucket(.init(20, per: second), burst: 40))],
    [RequestLimit("a", .cost(.init(100, per: second), burst: 400, each: 10))],
    [
      RequestLimit("a", .movingWindow(.init(100, per: second))),
      RequestLimit("b", .leakyBucket(.init(7, per: second), burst: 5)),
      RequestLimit("c", .daily(120, zone: "Europe/Berlin"), reserve: 0.1),
      RequestLimit("d", .cost(.init(400, per: second), burst: 800, each: 10)),
    ],
  ]

  @Test("are those of the rule, through whatever was granted, returned, held and lowered before")
  func rule() async throws {
    try await Fixture.with { store in
      for (number, limits) in Self.budgets.enumerated() {
        for seed in 1...UInt64(3) {
          var generator = SeededGenerator(seed: seed * 100 + UInt64(number))
          let (ids, revision) = try await apply(limits, in: store)
          var granted: [Permit] = []
          for _ in 0..<25 {
            var model = try await schedules(limits, ids, in: store)
            let order = SlotOrder(
              source: store.stream.source, revision: revision,
              limits: zip(ids, limits).map { id, limit in
                LimitBucket(limit: id, bucket: "", cost: Self.cost(limit))
              }, count: Int.random(in: 1...9, using: &generator),
              horizon: Int64.random(in: 0...5 * Self.second, using: &generator),
              lease: Self.second)
            let grant = try await store.budgets.grantSlots(order)
            let (expected, wait) = LimitSchedule.grant(
              order.count, costs: order.limits.map(\.cost), under: &model,
              now: grant.now.microseconds, horizon: order.horizon)
            #expect(grant.permits.map(\.from.microseconds) == expected.map(\.at), "seed \(seed)")
            #expect(
              grant.permits.map(\.until.microseconds) == expected.map(\.until), "seed \(seed)")
            #expect(
              grant.permits.map { $0.shares.map(\.slot) } == expected.map(\.slots), "seed \(seed)")
            if case .later(let said, _) = grant.rest { #expect(said == wait, "seed \(seed)") }
            if !expected.isEmpty {
              #expect(try await schedules(limits, ids, in: store) == model, "seed \(seed)")
            }
            granted += grant.permits
            try await disturb(&granted, ids, store, &generator)
          }
        }
      }
    }
  }

  private static func cost(_ limit: RequestLimit) -> Int64 {
    if case .cost = limit.rule { 7 } else { 1 }
  }

  private func apply(
    _ limits: [RequestLimit], in store: Fixture
  ) async throws -> (ids: [Int32], revision: Int32) {
    for limits in [[], limits] {
      try await store.catalog.applySources([
        AppliedSource(
          name: "shop", definition: "{}", concurrency: nil, limits: limits.map(AppliedLimit.init),
          streams: [AppliedSource.Stream(name: "shop.orders", definition: "{}")])
      ])
    }
    let stored = try await store.budgets.findBudget(of: store.stream.source)
    return (stored.limits.map(\.id), stored.revision)
  }

  private func disturb(
    _ granted: inout [Permit], _ ids: [Int32], _ store: Fixture,
    _ generator: inout SeededGenerator
  ) async throws {
    let id = generator.pick(ids)
    switch Int.random(in: 0..<8, using: &generator) {
    case 0, 1, 2:
      granted.shuffle(using: &generator)
      let back = granted.prefix(3)
      granted.removeFirst(back.count)
      try await store.budgets.giveBack(back.flatMap(\.shares), holders: [])
    case 3:
      try await store.budgets.holdRequests(
        to: store.stream.source, under: [LimitBucket(limit: id, bucket: "")],
        for: Int64.random(in: 0...300_000, using: &generator), reason: "429")
    case 4:
      guard
        let share = granted.randomElement(using: &generator)?.shares.first(where: { $0.limit == id }
        )
      else { return }
      try await store.budgets.lowerBudget(
        share,
        by: Lowering(
          available: generator.oneIn(2) ? Int64.random(in: 0...20, using: &generator) : nil,
          left: generator.oneIn(2)
            ? .init(Int64.random(in: 0...40, using: &generator), within: 400_000) : nil,
          spacing: generator.oneIn(3) ? 30_000 : 0))
    default: return
    }
  }

  /// The rows of the store as the rule knows them.
  private func schedules(
    _ limits: [RequestLimit], _ ids: [Int32], in store: Fixture
  ) async throws -> [LimitSchedule] {
    let rows = try await store.pool.withConnection { connection in
      try await connection.query(
        """
        SELECT limit_id, next_at, free, granted, slower, held_until, quota_left, quota_until,
            day_used, day_ends
          FROM backfill.request_schedule
        """
      ) { row in
        (
          try row.read(Int32.self), try row.read(Int64.self), try row.read([Int64].self),
          try (0..<7).map { _ in try row.read(Int64.self) }
        )
      }
    }
    return try zip(limits, ids).map { limit, id in
      var schedule = try #require(try limit.schedule())
      guard let row = rows.first(where: { $0.0 == id }) else { return schedule }
      schedule.nextAt = row.1
      schedule.free = row.2
      schedule.granted = row.3[0]
      schedule.slower = row.3[1]
      schedule.heldUntil = row.3[2]
      schedule.quotaLeft = row.3[3]
      schedule.quotaUntil = row.3[4]
      schedule.dayUsed = row.3[5]
      schedule.dayEnds = row.3[6]
      return schedule
    }
  }
}
