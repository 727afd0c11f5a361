import DatabaseFixtures
import Domain
import HTTP
import JSON
import Operations
import Outbound
import Postgres
import Stores
import Testing

@Suite("Notices are delivered")
struct DeliveryTests {
  @Test("as webhooks that are signed over the bytes sent, under the notice's id")
  func webhook() async throws {
    let sink = try Sink()
    try await World.with(secrets: ["HOOK": hookSecret]) { world in
      try await world.subscribe(.of("finance", sources: ["stripe"], by: sink.webhook()))
      let id = try await ending(in: world)
      #expect(try await world.notifier().deliverDue() == 1)
      let got = try #require(sink.deliveries.first)
      let notice = try #require(try await world.notices.listNotices(limit: 1).first)
      #expect(got.id == notice.id.rawValue)
      #expect(got.id.count == 36 && got.id.hasPrefix("ntc_"))
      #expect(got.headers["content-type"] == "application/json")
      let timestamp = try #require(got.headers["webhook-timestamp"].flatMap { Int64($0) })
      #expect(timestamp == World.now.microseconds / 1_000_000)
      let secret = try #require(WebhookSecret(hookSecret))
      #expect(
        got.headers["webhook-signature"]
          == secret.signature(id: notice.id, timestamp: timestamp, body: got.body))
      let body = try got.json
      #expect(body["type"] == "backfill.finished_with_failures")
      #expect(body["timestamp"] == .string(notice.createdAt.description))
      #expect(body["data"]?["backfill"] == JSONValue(id.rawValue))
      #expect(
        body["data"]?["text"]?.string?.hasPrefix(
          "Stripe charges, 1–3 March: 41 added, 0 changed, +12,430.00 EUR; 1 day failed: 1 March.")
          == true)
      let delivery = try #require(notice.deliveries.first)
      #expect(delivery.state == .delivered && delivery.attempts == 1)
      #expect(
        world.told.all == [
          .noticeDelivered(notice: notice.id, subscription: "finance", attempt: 1)
        ])
      #expect(try await world.notifier().deliverDue() == 0)
    }
  }

  @Test("to webhooks that take what Slack's takes, without calling anybody in")
  func slack() async throws {
    let sink = try Sink()
    try await World.with(secrets: ["SLACK": sink.url("/services/T/B/x")]) { world in
      try await world.subscribe(
        .of("marketing", sources: ["stripe"], by: .slack(url: .environment("SLACK"))))
      try await ending(in: world, reason: "<!channel> & <https://evil|click>")
      #expect(try await world.notifier().deliverDue() == 1)
      let got = try #require(sink.deliveries.first)
      #expect(got.path == "/services/T/B/x")
      let body = try got.json
      #expect(body.object?.count == 1)
      let text = try #require(body["text"]?.string)
      #expect(text.hasPrefix("Stripe charges, 1–3 March: 41 added"))
      #expect(text.contains("&lt;!channel&gt; &amp; &lt;https://evil|click&gt;"))
    }
  }

  @Test("as mail, whose id a receiver knows again")
  func mail() async throws {
    let sink = try MailSink()
    try await World.with { world in
      try await world.subscribe(.of("finance", sources: ["stripe"], by: sink.delivery))
      try await ending(in: world)
      #expect(try await world.notifier().deliverDue() == 1)
      let mail = try #require(sink.mails.first)
      let notice = try #require(try await world.notices.listNotices(limit: 1).first)
      #expect(notice.deliveries.first?.state == .delivered)
      #expect(mail.header("Message-ID") == "<\(notice.id)@example.org>")
      #expect(
        mail.envelope == ["MAIL FROM:<backfill@example.org>", "RCPT TO:<finance@example.org>"])
      #expect(mail.everything.contains("Stripe charges, 1–3 March: 1 day failed"))
      #expect(mail.text.contains("+12,430.00 EUR; 1 day failed: 1 March."))
    }
  }

  @Test(
    "only 2xx says that it was taken; all else is tried again",
    arguments: [
      (200, true), (202, true), (204, true), (301, false), (302, false), (307, false), (400, false),
      (401, false), (404, false), (429, false), (500, false), (503, false),
    ])
  func statuses(status: Int, isTaken: Bool) async throws {
    let elsewhere = try Sink()
    let away = elsewhere.url()
    let sink = try Sink { _ in Response(status, headers: ["Location": away]) }
    try await World.with(secrets: ["HOOK": hookSecret]) { world in
      try await world.subscribe(.of("finance", sources: ["stripe"], by: sink.webhook()))
      try await ending(in: world)
      #expect(try await world.notifier().deliverDue() == 1)
      let row = try #require(try await world.notices.listNotices(limit: 1).first?.deliveries.first)
      #expect(row.state == (isTaken ? .delivered : .pending))
      #expect(isTaken || row.message?.contains("answered \(status)") == true)
      #expect(sink.deliveries.count == 1)
      #expect(elsewhere.deliveries.isEmpty)
    }
  }

  @Test("again under the same id and with the same body, until they are taken")
  func again() async throws {
    let count = Locked(0)
    let sink = try Sink { _ in
      Response(
        count.withLock { count in
          count += 1; return count
        } < 3 ? 502 : 200)
    }
    try await World.with(secrets: ["HOOK": hookSecret]) { world in
      try await world.subscribe(.of("finance", sources: ["stripe"], by: sink.webhook()))
      let id = try await ending(in: world)
      for attempt in 1...4 {
        #expect(try await world.notifier().deliverDue() == (attempt < 4 ? 1 : 0))
        // What happens meanwhile is not part of it.
        try await world.add(1, amount: "1.00", "EUR", to: id)
        try await world.fold()
        try await world.makeAllDue()
      }
      #expect(Set(sink.ids).count == 1)
      #expect(Set(sink.deliveries.map(\.body)).count == 1)
      #expect(sink.deliveries.count == 3)
      #expect(
        world.told.all.map(\.name) == ["notice.failed", "notice.failed", "notice.delivered"])
    }
  }

  @Test("later, where the receiver asks for patience")
  func patience() async throws {
    let sink = try Sink { _ in Response(429, headers: ["Retry-After": "7200"]) }
    try await World.with(secrets: ["HOOK": hookSecret]) { world in
      try await world.subscribe(.of("finance", sources: ["stripe"], by: sink.webhook()))
      try await ending(in: world)
      try await world.notifier().deliverDue()
      let wait = try await world.value(
        """
        SELECT extract(epoch FROM next_attempt_at - clock_timestamp())::float8
          FROM backfill.delivery
        """, Double.self)
      #expect(7_190...7_200 ~= wait)
    }
  }

  @Test("for three days, and are then given up with the reason")
  func givenUp() async throws {
    let sink = try Sink { _ in Response(500) }
    try await World.with(secrets: ["HOOK": hookSecret]) { world in
      try await world.subscribe(.of("finance", sources: ["stripe"], by: sink.webhook()))
      try await ending(in: world)
      try await world.notifier().deliverDue()
      try await world.execute(
        """
        UPDATE backfill.delivery SET created_at = created_at - interval '72 hours',
          next_attempt_at = clock_timestamp()
        """)
      try await world.notifier().deliverDue()
      let row = try #require(try await world.notices.listNotices(limit: 1).first?.deliveries.first)
      #expect(row.state == .givenUp && row.attempts == 2)
      #expect(row.message == "The receiver answered 500.")
      guard case .noticeFailed(_, "finance", 2, nil, _)? = world.told.all.last else {
        Issue.record("told: \(world.told.all)")
        return
      }
    }
  }

  @Test("not any more to who answers 410, until applied anew or tested with success")
  func gone() async throws {
    let status = Locked(410)
    let sink = try Sink { _ in Response(status.withLock { $0 }) }
    try await World.with(secrets: ["HOOK": hookSecret]) { world in
      try await world.subscribe(.of("finance", sources: ["stripe"], by: sink.webhook()))
      try await ending(in: world)
      try await world.notifier().deliverDue()
      var row = try #require(try await world.subscriptions.listSubscriptions().first)
      #expect(row.disabledAt != nil)
      #expect(row.disabledReason == "The receiver answered 410: it wants no more notices.")
      try await ending(in: world)
      #expect(try await world.notifier().deliverDue() == 0)
      #expect(sink.deliveries.count == 1)

      try await world.subscribe(.of("finance", sources: ["stripe"], by: sink.webhook()))
      #expect(try await world.subscriptions.listSubscriptions().first?.disabledAt != nil)
      status.withLock { $0 = 200 }
      let test = SubscriptionTest(pool: world.pool, courier: try world.courier())
      #expect(try await test.send(to: "finance").answer == .delivered)
      #expect(try await world.subscriptions.listSubscriptions().first?.disabledAt == nil)

      status.withLock { $0 = 410 }
      #expect(try await test.send(to: "finance").answer != .delivered)
      #expect(try await world.subscriptions.listSubscriptions().first?.disabledAt != nil)
      try await world.subscribe(.of("finance", sources: ["stripe"], by: sink.webhook("/new")))
      row = try #require(try await world.subscriptions.listSubscriptions().first)
      #expect(row.disabledAt == nil && row.disabledReason == nil)
    }
  }

  @Test(
    "not to a subscription that was retired meanwhile, and to it again when it is applied again")
  func retired() async throws {
    let sink = try Sink()
    try await World.with(secrets: ["HOOK": hookSecret]) { world in
      try await world.subscribe(.of("finance", sources: ["stripe"], by: sink.webhook()))
      try await ending(in: world)
      try await world.subscriptions.applySubscriptions([], retiring: ["finance"])
      #expect(try await world.subscriptions.listSubscriptions().isEmpty)
      try await world.notifier().deliverDue()
      #expect(sink.deliveries.isEmpty)
      #expect(
        try await world.notices.listNotices(limit: 1).first?.deliveries.first?.message
          == "The subscription was retired.")
      try await world.subscribe(.of("finance", sources: ["stripe"], by: sink.webhook()))
      try await ending(in: world)
      try await world.notifier().deliverDue()
      #expect(sink.deliveries.count == 1)
    }
  }

  @Test("by the running notifier at once; one receiver that hangs does not delay the others")
  func running() async throws {
    let hanging = try Sink { _ in
      // Ends when the sender hangs up.
      for await _ in AsyncStream<Void>(unfolding: { await never() }) {}
      return Response(200)
    }
    let sink = try Sink()
    try await World.with(secrets: ["HOOK": hookSecret]) { world in
      try await world.subscribe(
        .of("a", sources: ["stripe"], by: hanging.webhook()),
        .of("b", sources: ["stripe"], by: sink.webhook()))
      let notifier = try world.notifier()
      let running = Task { await notifier.run() }
      for count in 1...3 {
        try await ending(in: world)
        #expect(try await eventually { sink.deliveries.count == count })
      }
      #expect(try await eventually { hanging.deliveries.count == 3 })
      running.cancel()
      await running.value
      #expect(!world.told.all.contains { $0.name == "program.troubled" })
    }
  }

  /// Ends a backfill of three days, of which one failed.
  @discardableResult
  private func ending(in world: World, reason: String? = nil) async throws -> BackfillID {
    let id = try await world.submit("stripe.charges", days: 3, reason: reason)
    try await world.add(41, amount: "12430.00", "EUR", to: id)
    try await world.fail(1)
    try await world.succeed()
    try await world.fold()
    return id
  }
}

/// Waits until the task is cancelled.
private func never() async -> Void? {
  let (stream, continuation) = AsyncStream<Void>.makeStream()
  defer { continuation.finish() }
  for await _ in stream {}
  return nil
}
