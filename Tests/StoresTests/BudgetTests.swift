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
