import DatabaseFixtures
import Domain
import HTTP
import JSON
import Operations
import Outbound
import Stores
import Testing

@Suite("Secrets of subscriptions")
struct SecretTests {
  @Test("are in no table, event or answer, however a delivery goes")
  func neverTold() async throws {
    let sink = try Sink { _ in Response(500) }
    let canary = "canaryfinch"
    let secrets = [
      "HOOK": hookSecret, "TOKEN": sink.url("/\(canary)?\(canary)=\(canary)"),
      "NOWHERE": "http://\(canary).invalid/\(canary)", "REFUSED": "http://127.0.0.1:1/\(canary)",
      "BROKEN": "\(canary)://\(canary)", "SHORT": "whsec_\(canary)", "PASSWORD": canary,
      "USER": canary,
    ]
    let login = Delivery.Login(
      user: .secret(.environment("USER")), password: .environment("PASSWORD"))
    let hook = SecretReference.environment("HOOK")
    let deliveries: [Delivery] =
      ["TOKEN", "NOWHERE", "REFUSED", "BROKEN"].flatMap { name -> [Delivery] in
        [
          .slack(url: .environment(name)),
          .webhook(url: .secret(.environment(name)), secret: hook),
        ]
      } + [
        .webhook(url: .plain(sink.url()), secret: .environment("SHORT")),
        .webhook(url: .plain(sink.url()), secret: .environment("MISSING")),
        .mail(
          .init(to: ["a@b.c"], from: "d@e.f", server: "smtp://127.0.0.1:1", login: login)),
      ]
    try await World.with(secrets: secrets) { world in
      try await world.subscriptions.applySubscriptions(
        deliveries.enumerated().map { .of("s\($0)", sources: ["stripe"], by: $1) })
      _ = try await world.submit("stripe.charges", days: 1)
      try await world.succeed()
      try await world.fold()
      #expect(try await world.notifier().deliverDue() == deliveries.count)
      let test = SubscriptionTest(pool: world.pool, courier: try world.courier())
      var answers: [DeliveryAnswer] = []
      for place in deliveries.indices {
        answers.append(try await test.send(to: "s\(place)").answer)
      }

      let rows = try await world.notices.listNotices(limit: 100).flatMap(\.deliveries)
      #expect(rows.count == deliveries.count * 2)
      #expect(rows.allSatisfy { $0.state != .delivered && $0.message != nil })
      #expect(world.told.all.count == deliveries.count)
      let tables = try await world.database.snapshot().values.flatMap(\.self)
      let told = world.told.all.flatMap { [$0.sentence(in: .utc), "\($0)", "\($0.fields)"] }
      for text in tables + told + answers.map({ "\($0)" }) + rows.map({ "\($0)" }) {
        #expect(!text.contains(canary))
        #expect(!text.contains(hookSecret.dropFirst(6)))
      }
      #expect(sink.deliveries.count == 4)
    }
  }

  @Test("a test of a subscription says what came of it, and of an unknown name which there are")
  func test() async throws {
    let sink = try Sink()
    try await World.with(secrets: ["HOOK": hookSecret]) { world in
      try await world.subscribe(
        .of("finance", sources: ["stripe"], by: sink.webhook()),
        .of("ops", sources: ["stripe"], by: .slack(url: .environment("MISSING"))))
      let test = SubscriptionTest(pool: world.pool, courier: try world.courier())
      let (id, answer) = try await test.send(to: "finance")
      #expect(answer == .delivered)
      #expect(sink.ids == [id.rawValue])
      #expect(try sink.deliveries[0].json["type"] == "backfill.test")
      #expect(
        try await test.send(to: "ops").answer
          == .failed(message: "There is no secret env:MISSING.", retryAfter: nil))
      #expect(try await world.notifier().deliverDue() == 0)
      await #expect {
        _ = try await test.send(to: "fnance")
      } throws: { error in
        guard case OperationFault.unknownSubscription("fnance", let known) = error else {
          return false
        }
        return known == ["finance", "ops"]
      }
    }
  }
}
