import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("The store of notices")
struct NoticeStoreTests {
  @Test("finds what is due by its index, however much was delivered before")
  func plan() async throws {
    try await World.with { world in
      try await world.subscribe(
        .of("a", sources: ["stripe"], by: .slack(url: .environment("S"))))
      try await world.execute(
        """
        INSERT INTO backfill.notice (id, kind, facts)
          SELECT 'n' || i, 'test', '{}' FROM generate_series(1, 20000) AS i;
        INSERT INTO backfill.delivery (notice_id, subscription_id, state, ended_at)
          SELECT 'n' || i, 1, 'delivered', now() FROM generate_series(1, 20000) AS i;
        UPDATE backfill.delivery SET state = 'pending', ended_at = NULL, next_attempt_at = now()
          WHERE notice_id = 'n7';
        ANALYZE backfill.notice, backfill.delivery
        """)
      let plan = try await world.pool.withConnection { connection in
        try await connection.execute("PREPARE claiming (int, float8) AS " + NoticeStore.claim.sql)
        return try await connection.column("EXPLAIN EXECUTE claiming (16, 60)", String.self)
      }.joined(separator: "\n")
      #expect(plan.contains("delivery_due"), "\(plan)")
      #expect(!plan.contains("Seq Scan on delivery"), "\(plan)")
      let due = try await world.notices.claimDeliveries(limit: 16, leaseSeconds: 60)
      #expect(due.map(\.notice.rawValue) == ["n7"])
    }
  }

  @Test("forgets old notices with their deliveries, and no others")
  func drops() async throws {
    try await World.with { world in
      try await world.subscribe(
        .of("a", sources: ["stripe"], by: .slack(url: .environment("S"))))
      for _ in 0..<2 {
        _ = try await world.submit("stripe.charges", days: 1)
        try await world.succeed()
        try await world.fold()
        try await world.execute(
          "UPDATE backfill.notice SET created_at = created_at - interval '10 days'")
      }
      let today = Zone.utc.civilDate(
        of: Instant(try await world.value("SELECT clock_timestamp()", Timestamp.self)))
      #expect(try await world.notices.dropNotices(before: today.adding(days: -15)) == 1)
      let left = try await world.notices.listNotices(limit: 10)
      #expect(left.count == 1 && left[0].deliveries.count == 1)
      #expect(try await world.value("SELECT count(*) FROM backfill.delivery", Int64.self) == 1)
      #expect(try await world.notices.dropNotices(before: today) == 1)
      #expect(try await world.kinds() == [])
    }
  }

  @Test("lists a notice that is still gathering without facts, and its deliveries once it has them")
  func lists() async throws {
    try await World.with { world in
      try await world.subscribe(
        .of("a", sources: ["stripe"], by: .slack(url: .environment("S"))))
      let id = try await world.submit("stripe.charges", days: 2)
      try await world.fail(1)
      try await world.fold()
      let gathering = try #require(try await world.notices.listNotices(limit: 1).first)
      #expect(gathering.backfill == id && gathering.kind == "partition_failed")
      #expect(gathering.settlesAt != nil && gathering.facts == nil && gathering.deliveries == [])
      try await world.makeAllDue()
      #expect(try await world.notices.sealNotices(limit: 1) == 1)
      let sealed = try #require(try await world.notices.listNotices(limit: 1).first)
      #expect(sealed.id == gathering.id && sealed.createdAt == gathering.createdAt)
      #expect(sealed.settlesAt == nil && sealed.facts != nil)
      let delivery = try #require(sealed.deliveries.first)
      #expect(delivery.subscription == "a" && delivery.team == "a")
      #expect(delivery.state == .pending && delivery.attempts == 0 && delivery.message == nil)
    }
  }
}
