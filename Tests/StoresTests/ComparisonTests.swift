import DatabaseFixtures
import Domain
import Testing

@testable import Stores

@Suite("The comparison of two streams")
struct ComparisonTests {
  @Test("keeps the pairs that are not plainly equal, and leaves out what is gone")
  func pairs() async throws {
    try await Fixture.with { store in
      let charges = try #require(
        try await Fixture.applySource("pay", ["pay.charges"], concurrency: nil, in: store.pool)
          .first)
      let orders = store.stream.id
      // Order, cents of its order, cents of its charges; the day of each is that of the fixture.
      try await store.insert(orders, "o1", of: "1", "10.00")
      try await store.insert(orders, "o2", of: "2", "10.00")
      try await store.insert(orders, "o3", of: "3", "10.00")
      try await store.insert(orders, "o4", of: "4", "10.00")
      try await store.insert(orders, "o6", of: "6", "10.00")
      try await store.insert(charges.id, "c1", of: "1", "10.00")
      try await store.insert(charges.id, "c2a", of: "2", "10.00")
      try await store.insert(charges.id, "c2b", of: "2", "10.00")
      try await store.insert(charges.id, "c3", of: "3", "10.00", back: "-4.00")
      try await store.insert(charges.id, "c5", of: "5", "7.00")
      try await store.insert(charges.id, "c6", of: "6", "10.00")
      try await store.execute(
        """
        INSERT INTO backfill.gone (stream_id, found_by, event_at, key)
          VALUES (\(charges.id), 1, '2024-03-01', 'c6')
        """)
      let comparisons = ComparisonStore(pool: store.pool)
      let side = { (stream: Int32) in
        ComparisonOrder.Side(stream: stream, path: ["order"], measure: "amount")
      }
      let id = try await comparisons.compareStreams(
        ComparisonOrder(
          first: side(orders), second: side(charges.id),
          window: Window(
            from: Fixture.start, to: Fixture.start.adding(microseconds: 86_400_000_000)),
          timeZone: "UTC", days: 1, requestedBy: "test"))
      let row = try #require(try await comparisons.findComparison(id))
      #expect(row.equal == 1)
      #expect(row.firstRecords == 5)
      #expect(row.secondRecords == 5)
      let pairs = try await comparisons.listPairs(of: row, after: 0, limit: 100).map(\.pair)
      let verdicts = Dictionary(
        uniqueKeysWithValues: pairs.map { ($0.match, $0.verdict(daysApart: 1)) })
      #expect(
        verdicts == [
          "2": .doubled, "3": .refunded, "4": .missingInSecond, "5": .missingInFirst,
          "6": .missingInSecond,
        ])
      let after = try await comparisons.listPairs(of: row, after: 3, limit: 1).map(\.pair.match)
      #expect(after == ["5"])
    }
  }
}

extension Fixture {
  /// A document of an order or a charge.
  fileprivate func insert(
    _ stream: Int32, _ key: String, of order: String, _ amount: String, back: String? = nil
  ) async throws {
    let refund = back.map { #",["refunded","2024-03-01","EUR","\#($0)"]"# } ?? ""
    try await execute(
      """
      INSERT INTO backfill.document (batch_id, event_at, stream_id, version, key, payload_hash,
          measures, payload)
        VALUES (1, '2024-03-01T10:00:00Z', \(stream), 1, '\(key)', '',
          '[["amount","2024-03-01","EUR","\(amount)"]\(refund)]', '{"order":\(order)}')
      """)
  }
}
