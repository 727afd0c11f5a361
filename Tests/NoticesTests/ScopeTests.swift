import DatabaseFixtures
import Domain
import Operations
import Postgres
import Stores
import Testing

@Suite("Notices stay within their scope")
struct ScopeTests {
  /// A team, with a word of its own that stands in every field it can write.
  private struct Team: Sendable {
    var canary: String
    var mine: String { "\(canary)shop" }
    var stream: String { "\(mine).\(canary)orders" }
  }

  @Test("with two teams and a word of one in every field, not a byte of it reaches the other")
  func canaries() async throws {
    let (red, blue) = (Team(canary: "redwoodpecker"), Team(canary: "bluethroat"))
    let (redSink, blueSink) = (try Sink(), try Sink())
    let redMail = try MailSink()
    try await World.with(secrets: ["HOOK": hookSecret, "BLUE": blueSink.url("/slack")]) { world in
      try await world.subscribe(
        .of(red.canary, sources: [red.mine], by: redSink.webhook()),
        .of("\(red.canary)2", tags: ["\(red.canary)tag"], by: redMail.delivery),
        .of(blue.canary, streams: [blue.stream], by: blueSink.webhook()),
        .of("\(blue.canary)2", tags: ["\(blue.canary)tag"], by: .slack(url: .environment("BLUE"))))
      for team in [red, blue] {
        let id = try await world.submit(
          team.stream, days: 4, tags: ["\(team.canary)tag"], by: "\(team.canary)person",
          reason: "\(team.canary) reason")
        try await world.add(2, amount: "1.00", currency(team), to: id)
        try await world.fail(1, .unauthorized, "\(team.canary) key")
        try await world.fold(quietSeconds: 0)
        let notifier = try world.notifier()
        await notifier.deliverDue()
        try await world.fail(1, .timeout, "\(team.canary) slow")
        try await world.fold()
        try await world.succeed(1)
        _ = try await world.control.cancelBackfill(id)
        try await world.fold()
        try await world.makeAllDue()
        await notifier.deliverDue()
      }
      let toRed = redSink.deliveries.map(\.everything) + redMail.mails.map(\.everything)
      let toBlue = blueSink.deliveries.map(\.everything)
      #expect(redSink.deliveries.count == 3)
      #expect(redMail.mails.count == 3)
      #expect(blueSink.deliveries.count == 6)
      for text in toRed {
        #expect(text.lowercased().contains(red.canary))
        #expect(!text.lowercased().contains(blue.canary))
      }
      for text in toBlue {
        #expect(text.lowercased().contains(blue.canary))
        #expect(!text.lowercased().contains(red.canary))
      }
    }
  }

  private func currency(_ team: Team) -> String { String(team.canary.prefix(8)).uppercased() }

  @Test("the store judges scopes as the domain does")
  func sameJudgement() async throws {
    try await World.with { world in
      var generator = SeededGenerator(seed: 11)
      let sources = ["a", "b", "ab", "a.b"]
      let streams = ["a.x", "a.y", "b.x", "ab.x", "a.x.y"]
      let tags = ["t", "u", "a", "a.x"]
      for round in 0..<200 {
        let scope = Scope(
          sources: sources.filter { _ in generator.oneIn(3) },
          streams: streams.filter { _ in generator.oneIn(3) },
          tags: tags.filter { _ in generator.oneIn(3) })
        let its = tags.filter { _ in generator.oneIn(3) }
        let stream = generator.pick(streams)
        guard !scope.isEmpty else { continue }
        let judged = try await world.pool.withConnection { connection in
          try await connection.query(
            Self.judge, (scope.sources, scope.streams, scope.tags, stream, its))
        }
        #expect(
          judged == [scope.contains(stream: stream, tags: its)],
          "round \(round): \(scope), \(stream), \(its)")
      }
    }
  }

  private static let judge = Statement<([String], [String], [String], String, [String]), Bool>(
    "judgeScope",
    """
    SELECT backfill.in_scope(ROW (1, '', '', $1::text[], $2::text[], $3::text[], '{}'::text[], '',
      now(), NULL, NULL, NULL)::backfill.subscription, $4, $5)
    """)

  @Test("a scope that was narrowed since keeps what was on its way from going out")
  func narrowed() async throws {
    let sink = try Sink()
    try await World.with(secrets: ["HOOK": hookSecret]) { world in
      try await world.subscribe(.of("a", sources: ["stripe"], by: sink.webhook()))
      _ = try await world.submit("stripe.charges", days: 1)
      try await world.succeed()
      try await world.fold()
      try await world.subscribe(.of("a", sources: ["shop"], by: sink.webhook()))
      let notifier = try world.notifier()
      #expect(await notifier.deliverDue() == 1)
      #expect(sink.deliveries.isEmpty)
      let row = try #require(try await world.notices.listNotices(limit: 1).first?.deliveries.first)
      #expect(row.state == .givenUp)
      #expect(row.message == "It no longer falls into the scope of the subscription.")
    }
  }

  @Test("the tags are those of the submitted backfill, whatever the stream has since")
  func storedTags() async throws {
    try await World.with { world in
      try await world.subscribe(
        .of("finance", tags: ["finance"], by: .slack(url: .environment("S"))))
      _ = try await world.submit("stripe.charges", days: 1, tags: ["finance"])
      _ = try await world.submit("stripe.charges", days: 1, tags: ["marketing"])
      try await world.succeed()
      try await world.fold()
      #expect(try await world.kinds() == ["finished", "finished"])
      #expect(try await world.value("SELECT count(*) FROM backfill.delivery", Int64.self) == 1)
    }
  }
}
