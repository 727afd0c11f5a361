import DatabaseFixtures
import Domain
import Postgres
import Stores
import Testing

@Suite("Notices are written in the transaction of their event")
struct NoticeWritingTests {
  private let slack = Delivery.slack(url: .environment("SLACK"))

  @Test("an ending, its notice and its deliveries are one transaction")
  func oneTransaction() async throws {
    try await World.with { world in
      try await world.subscribe(.of("finance", sources: ["stripe"], by: slack))
      let id = try await world.submit("stripe.charges", days: 3)
      try await world.succeed()
      try await world.fold()
      let transactions = try await world.pool.withConnection { connection in
        try await connection.column(
          """
          SELECT xmin::text FROM backfill.backfill WHERE id = \(id)
          UNION SELECT xmin::text FROM backfill.notice
          UNION SELECT xmin::text FROM backfill.delivery
          """, String.self)
      }
      #expect(transactions.count == 1)
      #expect(try await world.kinds() == ["finished"])
      #expect(try await world.value("SELECT count(*) FROM backfill.delivery", Int64.self) == 1)
    }
  }

  @Test("an event that is rolled back leaves no notice, and is told once when it comes to be")
  func rolledBack() async throws {
    try await World.with { world in
      try await world.subscribe(.of("finance", sources: ["stripe"], by: slack))
      let id = try await world.submit("stripe.charges", days: 3)
      try await world.succeed()
      try await world.execute(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'refused'; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON backfill.delivery
          FOR EACH ROW EXECUTE FUNCTION refuse()
        """)
      await #expect(throws: PostgresError.self) { try await world.fold() }
      let state = "SELECT state FROM backfill.backfill WHERE id = \(id)"
      #expect(try await world.value(state, String.self) == "running")
      #expect(try await world.kinds() == [])
      try await world.execute("DROP TRIGGER refuse ON backfill.delivery")
      try await world.fold()
      #expect(try await world.value(state, String.self) == "succeeded")
      #expect(try await world.kinds() == ["finished"])
    }
  }

  @Test("many failures make one notice, which names all that failed until it was sent")
  func oneOfMany() async throws {
    try await World.with { world in
      try await world.subscribe(.of("finance", sources: ["stripe"], by: slack))
      _ = try await world.submit("stripe.charges", days: 9)
      for _ in 0..<3 {
        try await world.fail(1)
        try await world.fold()
      }
      #expect(try await world.notices.sealNotices(limit: 10) == 0)
      #expect(try await world.notices.claimDeliveries(limit: 10, leaseSeconds: 60).isEmpty)
      try await world.makeAllDue()
      #expect(try await world.notices.sealNotices(limit: 10) == 1)
      try await world.fail(1)
      try await world.fold()
      try await world.makeAllDue()
      #expect(try await world.notices.sealNotices(limit: 10) == 0)
      let due = try await world.notices.claimDeliveries(limit: 10, leaseSeconds: 60)
      #expect(due.map(\.kind) == ["partition_failed"])
      #expect(try headline(due[0]).contains("3 days failed so far: 1–3 March"))
    }
  }

  @Test("failures that are still being gathered at the end go only to those who do not hear of it")
  func superseded() async throws {
    try await World.with { world in
      try await world.subscribe(
        .of("all", sources: ["stripe"], by: slack),
        .of("failures", sources: ["stripe"], events: [.partitionFailed], by: slack),
        .of("successes", sources: ["stripe"], events: [.finished], by: slack))
      _ = try await world.submit("stripe.charges", days: 3)
      try await world.fail(1)
      try await world.fold()
      try await world.succeed()
      try await world.fold()
      let due = try await world.notices.claimDeliveries(limit: 10, leaseSeconds: 60)
      #expect(
        Set(due.map { "\($0.subscriptionName) \($0.kind)" }) == [
          "all finished_with_failures", "failures partition_failed",
        ])
      #expect(
        try headline(#require(due.first { $0.kind == "partition_failed" })).hasSuffix(
          "1 day failed: 1 March; 2 of 3 days are done"))
    }
  }

  @Test("what fails after a retry is told anew; what a retry overtook is not told")
  func retried() async throws {
    try await World.with { world in
      try await world.subscribe(
        .of("ops", sources: ["stripe"], events: [.partitionFailed], by: slack))
      let id = try await world.submit("stripe.charges", days: 3)
      try await world.fail(1)
      try await world.fold()
      #expect(
        try await world.control.retryBackfill(id, partitions: nil) == .done(partitions: 1))
      try await world.makeAllDue()
      #expect(try await world.notices.sealNotices(limit: 10) == 1)
      #expect(try await world.notices.claimDeliveries(limit: 10, leaseSeconds: 60).isEmpty)
      try await world.fail(1)
      try await world.fold()
      try await world.makeAllDue()
      #expect(try await world.notices.sealNotices(limit: 10) == 1)
      #expect(try await world.notices.claimDeliveries(limit: 10, leaseSeconds: 60).count == 1)
      try await world.succeed()
      try await world.fold()
      #expect(
        try await world.control.retryBackfill(id, partitions: nil) == .done(partitions: 1))
      try await world.succeed()
      try await world.fold()
      #expect(
        try await world.kinds() == [
          "partition_failed", "partition_failed", "finished_with_failures", "finished",
        ])
    }
  }

  @Test("a cancelled backfill is told once what it had committed is counted")
  func cancelled() async throws {
    try await World.with { world in
      try await world.subscribe(.of("finance", sources: ["stripe"], by: slack))
      let id = try await world.submit("stripe.charges", days: 10)
      try await world.succeed(4)
      try await world.add(41, amount: "12430.00", "EUR", to: id)
      #expect(try await world.control.cancelBackfill(id) == .done(partitions: 6))
      #expect(try await world.notices.sealNotices(limit: 10) == 0)
      try await world.fold()
      try await world.makeAllDue()
      #expect(try await world.notices.sealNotices(limit: 10) == 1)
      let due = try await world.notices.claimDeliveries(limit: 10, leaseSeconds: 60)
      #expect(due.map(\.kind) == ["finished_with_failures"])
      #expect(
        try headline(due[0])
          == "Stripe charges, 1–10 March: cancelled; 41 added, 0 changed, +12,430.00 EUR; 6 of 10 days not read"
      )
    }
  }

  @Test("a backfill that is taken up again right after its cancel is not told as cancelled")
  func takenUpAgain() async throws {
    try await World.with { world in
      try await world.subscribe(.of("finance", sources: ["stripe"], by: slack))
      let id = try await world.submit("stripe.charges", days: 2)
      _ = try await world.control.cancelBackfill(id)
      _ = try await world.control.retryBackfill(id, partitions: nil)
      try await world.makeAllDue()
      #expect(try await world.notices.sealNotices(limit: 10) == 1)
      #expect(try await world.notices.claimDeliveries(limit: 10, leaseSeconds: 60).isEmpty)
    }
  }

  @Test("a source that refuses is told at once, and once for each reason")
  func blocked() async throws {
    try await World.with { world in
      try await world.subscribe(
        .of("ops", sources: ["stripe"], events: [.blocked], by: slack))
      _ = try await world.submit("stripe.charges", days: 10)
      try await world.fail(2, .unauthorized, "Stripe refused the key.")
      try await world.fail(1, .timeout, "Too slow.")
      let passes = try await world.fold()
      #expect(passes.flatMap(\.blocked).map(\.message) == ["Stripe refused the key."])
      try await world.fail(1, .unauthorized, "Stripe refused the key.")
      try await world.fail(1, .refused, "Stripe knows no such list.")
      #expect(
        try await world.fold().flatMap(\.blocked).map(\.message) == ["Stripe knows no such list."])
      let due = try await world.notices.claimDeliveries(limit: 10, leaseSeconds: 60)
      #expect(due.map(\.kind) == ["blocked", "blocked"])
      #expect(try headline(due[0]).hasSuffix("The source says: Stripe refused the key"))
    }
  }

  @Test("patience of more than an hour is told for every backfill of the source that waits")
  func patience() async throws {
    try await World.with { world in
      try await world.subscribe(
        .of("ops", sources: ["stripe", "shop"], events: [.blocked], by: slack))
      _ = try await world.submit("stripe.charges", days: 2)
      try await world.throttle(seconds: 3_600)
      _ = try await world.submit("stripe.refunds", days: 2)
      _ = try await world.submit("shop.orders", days: 2)
      try await world.fold()
      #expect(try await world.kinds() == [])
      try await world.throttle(seconds: 3_601)
      try await world.fold()
      let due = try await world.notices.claimDeliveries(limit: 10, leaseSeconds: 60)
      #expect(
        try Set(due.map { try String(headline($0).prefix { $0 != "," }) }) == [
          "Stripe charges", "Stripe refunds",
        ])
      #expect(try headline(due[0]).contains("asks for patience until"))
    }
  }

  @Test("what begins or goes on while the source asks for patience is told as blocked, by itself")
  func heldBefore() async throws {
    try await World.with { world in
      try await world.subscribe(
        .of("ops", sources: ["stripe", "shop"], events: [.blocked], by: slack))
      let first = try await world.submit("stripe.charges", days: 2)
      try await world.hold("stripe", seconds: 3_000)
      _ = try await world.submit("stripe.refunds", days: 2)
      #expect(try await world.kinds() == [])
      try await world.hold("stripe", seconds: 7_200)
      let late = try await world.submit("stripe.refunds", days: 2)
      _ = try await world.submit("shop.orders", days: 2)
      _ = try await world.submit("stripe.payouts", days: 2, only: .missing)
      var due = try await world.notices.claimDeliveries(limit: 10, leaseSeconds: 60)
      #expect(due.map(\.kind) == ["blocked"])
      let told = try headline(#require(due.first))
      #expect(told.hasPrefix("Stripe refunds") && told.contains("asks for patience until"))
      #expect(told.hasSuffix("The source says: Quota used up"))
      #expect(
        try await world.value("SELECT max(backfill_id) FROM backfill.notice", Int64.self)
          == late.rawValue)

      _ = try await world.control.cancelBackfill(first)
      _ = try await world.control.retryBackfill(first, partitions: nil)
      due = try await world.notices.claimDeliveries(limit: 10, leaseSeconds: 60)
      #expect(due.map(\.kind) == ["blocked"])
      #expect(try headline(#require(due.first)).hasPrefix("Stripe charges"))
    }
  }

  @Test("what is blocked at the end is told beside the ending")
  func blockedAtTheEnd() async throws {
    try await World.with { world in
      try await world.subscribe(.of("ops", sources: ["stripe"], by: slack))
      _ = try await world.submit("stripe.charges", days: 2)
      try await world.fail(2, .unauthorized)
      try await world.fold()
      let due = try await world.notices.claimDeliveries(limit: 10, leaseSeconds: 60)
      #expect(Set(due.map(\.kind)) == ["blocked", "finished_with_failures"])
    }
  }

  @Test("a backfill of which nothing was needed is not told")
  func nothingNeeded() async throws {
    try await World.with { world in
      try await world.subscribe(.of("finance", sources: ["stripe"], by: slack))
      let id = try await world.submit("stripe.charges", days: 2, only: .missing)
      try await world.fold()
      let state = "SELECT state FROM backfill.backfill WHERE id = \(id)"
      #expect(try await world.value(state, String.self) == "succeeded")
      #expect(try await world.kinds() == [])
    }
  }

  private func headline(_ delivery: ClaimedDelivery) throws -> String {
    try delivery.notice().headline
  }
}
