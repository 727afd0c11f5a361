import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("The slots of a budget")
struct BudgetTests {
  private static let second: Int64 = 1_000_000

  /// Applies limits to the fixture's source, and gives an order of slots under all of them.
  private func order(
    _ limits: [RequestLimit], count: Int, cost: Int64 = 1, in store: Fixture
  ) async throws -> SlotOrder {
    try await store.catalog.applySources([
      AppliedSource(
        name: "shop", definition: "{}", concurrency: nil, limits: limits.map(AppliedLimit.init),
        streams: [AppliedSource.Stream(name: "shop.orders", definition: "{}")])
    ])
    let stored = try await store.budgets.findBudget(of: store.stream.source)
    return SlotOrder(
      source: store.stream.source, revision: stored.revision,
      limits: stored.limits.map { LimitBucket(limit: $0.id, bucket: "", cost: cost) },
      count: count, horizon: 5 * Self.second, lease: 30 * Self.second)
  }

  @Test("lie at least as far apart as the limit says, over many connections at once")
  func apart() async throws {
    try await Fixture.with(connections: 8) { store in
      let limit = RequestLimit("account", .movingWindow(.init(100, per: Self.second)))
      let order = try await order([limit], count: 5, in: store)
      let permits = try await withThrowingTaskGroup(of: [Permit].self) { group in
        for _ in 0..<40 {
          group.addTask { try await store.budgets.grantSlots(order).permits }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(permits.count == 200)
      let slots = permits.map { $0.shares[0].slot }.sorted()
      let spacing = try #require(limit.pace).spacing
      for (one, next) in zip(slots, slots.dropFirst()) { #expect(next - one >= spacing) }
      #expect(Set(permits.map { $0.shares[0].ordinal }).count == 200)
      for permit in permits { #expect(permit.until > permit.from) }
    }
  }

  @Test("are held for all when one is told to wait, and the source is not claimed")
  func held() async throws {
    try await Fixture.with { store in
      let limit = RequestLimit("account", .movingWindow(.init(100, per: Self.second)))
      let order = try await order([limit], count: 1, in: store)
      _ = try await store.submit(days: 1)
      try await store.budgets.holdRequests(
        to: store.stream.source, for: 60 * Self.second, reason: "429")
      let grant = try await store.budgets.grantSlots(order)
      #expect(grant.permits.isEmpty)
      guard case .later(let wait, nil) = grant.rest else {
        Issue.record("\(grant.rest)")
        return
      }
      #expect((59 * Self.second...60 * Self.second).contains(wait))
      #expect(try await store.claim().isEmpty)
    }
  }

  @Test(
    "of one endpoint are held alone, each endpoint counts by itself, and idle ones are forgotten")
  func endpoints() async throws {
    try await Fixture.with { store in
      let path = try #require(PathPattern("/v1/*"))
      let limit = RequestLimit(
        "endpoint", .movingWindow(.init(1, per: 10 * Self.second)),
        scope: .endpoint(method: nil, path: path, each: true))
      var charges = try await order([limit], count: 1, in: store)
      charges.limits[0].bucket = "charges"
      var refunds = charges
      refunds.limits[0].bucket = "refunds"
      #expect(try await store.budgets.grantSlots(charges).permits.count == 1)
      #expect(try await store.budgets.grantSlots(charges).permits.isEmpty)
      #expect(try await store.budgets.grantSlots(refunds).permits.count == 1)
      try await store.budgets.holdRequests(
        to: store.stream.source, under: charges.limits, for: 60 * Self.second, reason: "429")
      let stored = try await store.budgets.findBudget(of: store.stream.source)
      #expect(stored.heldFor == nil)
      #expect(stored.limits.map(\.heldBuckets) == [["charges"]])
      guard case .later(let wait, "endpoint") = try await store.budgets.grantSlots(charges).rest
      else {
        Issue.record("not held")
        return
      }
      #expect(wait > 50 * Self.second)
      try await store.budgets.dropIdleSchedules()
      let buckets = "SELECT count(*) FROM backfill.request_schedule"
      #expect(try await store.value(buckets, Int64.self) == 2)
      try await store.execute("UPDATE backfill.request_schedule SET next_at = 1, held_until = 1")
      try await store.budgets.dropIdleSchedules()
      #expect(try await store.value(buckets, Int64.self) == 0)
    }
  }

  @Test("of requests under way come back when they end, or when nobody says that they go on")
  func underWay() async throws {
    try await Fixture.with { store in
      var order = try await order([RequestLimit("jobs", .concurrency(2))], count: 3, in: store)
      order.lease = 300_000
      let first = try await store.budgets.grantSlots(order)
      #expect(first.permits.count == 2)
      #expect(first.rest == .full(limit: "jobs"))
      #expect(try await store.budgets.grantSlots(order).permits.isEmpty)
      try await store.budgets.giveBack([], holders: first.permits[0].holders)
      let second = try await store.budgets.grantSlots(order)
      #expect(second.permits.count == 1)
      try await store.budgets.renewHolders(second.permits[0].holders, lease: 60 * Self.second)
      // The process of the other one died.
      try await store.execute(
        "UPDATE backfill.request_holder SET expires_at = 1 WHERE id = \(first.permits[1].holders[0])"
      )
      #expect(try await store.budgets.grantSlots(order).permits.count == 1)
      #expect(try await store.budgets.grantSlots(order).permits.isEmpty)
    }
  }

  @Test("are not granted to those who know other limits")
  func stale() async throws {
    try await Fixture.with { store in
      let limit = RequestLimit("account", .movingWindow(.init(100, per: Self.second)))
      let old = try await order([limit], count: 1, in: store)
      let slower = RequestLimit("account", .movingWindow(.init(50, per: Self.second)))
      let new = try await order([slower], count: 1, in: store)
      #expect(try await store.budgets.grantSlots(old).rest == .unknownLimits)
      #expect(try await store.budgets.grantSlots(new).permits.count == 1)
      let none = try await order([], count: 1, in: store)
      #expect(try await store.budgets.grantSlots(new).rest == .unknownLimits)
      #expect(none.limits.isEmpty)
    }
  }
}
