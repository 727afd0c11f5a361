import DatabaseFixtures
import Domain
import Foundation
import HTTP
import JSON
import Processes
import Stores
import Testing

@Suite("The program tells its notices")
struct ExecutableTests {
  @Test("workers killed while they deliver: every notice arrives, under one id each")
  func killed() async throws {
    let victim = Locked<RunningProcess?>(nil)
    let received = Locked(0)
    let deaths = Locked(0)
    let sink = try Sink { _ in
      // A worker has sixteen under way: with the twentieth some are written down and some are not.
      // It dies before it hears this answer.
      let count = received.withLock { received in
        received += 1; return received
      }
      if count == 20, let process = victim.withLock({ $0.take() }) {
        process.send(.kill)
        _ = await process.wait()
        deaths.withLock { $0 += 1 }
      }
      return Response(200)
    }
    try await World.with(secrets: ["HOOK": hookSecret]) { world in
      try await world.subscribe(.of("finance", sources: ["stripe"], by: sink.webhook()))
      for _ in 0..<60 { _ = try await world.submit("stripe.charges", days: 1) }
      try await world.succeed()
      try await world.fold()
      let program = Executable(
        connectionString: world.database.connectionString, environment: world.secrets)
      var starts = 0
      while try await pending(in: world) > 0, starts < 60 {
        starts += 1
        received.withLock { $0 = 0 }
        let process = try await program.startWorker()
        victim.withLock { $0 = process }
        _ = try await eventually {
          let isDone = try await pending(in: world) == 0
          return isDone || victim.withLock { $0 } == nil
        }
        _ = await process.stop()
        victim.withLock { $0 = nil }
        try await world.makeAllDue()
      }
      #expect(try await pending(in: world) == 0)
      let committed = Set(try await world.notices.listNotices(limit: 100).map(\.id.rawValue))
      #expect(committed.count == 60)
      #expect(Set(sink.ids) == committed)
      #expect(deaths.withLock { $0 } > 0)
      #expect(sink.ids.count > 60)
    }
  }

  @Test("apply, subscriptions and notices do what they say")
  func verbs() async throws {
    let sink = try Sink()
    let folder = try TemporaryFolder()
    try await World.with(secrets: ["HOOK": hookSecret, "SLACK": sink.url("/slack")]) { world in
      let program = Executable(
        connectionString: world.database.connectionString, environment: world.secrets)
      let path = try folder.write(
        "a.json5",
        """
        {subscriptions: {
          finance: {team: 'money', scope: {tags: ['finance']}, events: ['finished'],
            deliver: {webhook: {url: '\(sink.url())', secret: 'env:HOOK'}}},
          ops: {scope: {sources: ['stripe']}, events: ['blocked'],
            deliver: {slack: {url: 'env:SLACK'}}},
        }}
        """)
      let applied = try await program.run("apply", "-f", path)
      #expect(applied.status == .exited(0))
      #expect(
        applied.lines.contains("Applied 0 sources with 0 streams and 2 subscriptions."))

      let listed = try await program.run("subscriptions", "--json")
      let documents = try listed.lines.map { try JSONValue.parse($0) }
      #expect(documents.map { $0["name"]?.string } == ["finance", "ops"])
      #expect(documents.map { $0["team"]?.string } == ["money", "ops"])
      #expect(!listed.lines.joined().contains(sink.url("/slack")))
      let table = try await program.run("subscriptions")
      #expect(table.lines.count == 3 && table.lines[1].contains("webhook to 127.0.0.1"))

      let tested = try await program.run("subscriptions", "--test", "ops")
      #expect(tested.status == .exited(0), "\(tested.lines)")
      #expect(sink.deliveries.map(\.path) == ["/slack"])
      let unknown = try await program.run("subscriptions", "--test", "opps")
      #expect(unknown.status == .exited(2))
      #expect(
        unknown.lines == ["backfill: There is no subscription \"opps\"; did you mean ops?"])

      _ = try await world.submit("stripe.charges", days: 2, tags: ["finance"])
      try await world.succeed()
      try await world.fold()
      let worker = try await program.startWorker()
      #expect(try await eventually { sink.deliveries.count == 2 })
      #expect(try await eventually { try await pending(in: world) == 0 })
      #expect(await worker.stop() == .exited(0))
      let notices = try await program.run("notices", "--json").lines.map { try JSONValue.parse($0) }
      #expect(notices.map { $0["kind"]?.string } == ["finished", "test"])
      #expect(
        notices[0]["deliveries"]?.array?.map { $0["state"]?.string } == ["delivered"])
      #expect(try await program.run("notices").lines[1].contains("Stripe charges, 1–2 March"))
    }
  }

  @Test("what a document does not name stays, be it of another team; null retires a subscription")
  func documentsOfTeams() async throws {
    let folder = try TemporaryFolder()
    try await World.with { world in
      let program = Executable(
        connectionString: world.database.connectionString, environment: ["SLACK": "https://a.b/c"])
      func apply(_ name: String, _ options: String...) async throws -> [String] {
        try await program.run(["apply", "-f", "\(folder.path)/\(name)"] + options).lines
      }
      func names() async throws -> [String] {
        try await world.subscriptions.listSubscriptions().map(\.name)
      }
      for team in ["finance", "marketing"] {
        try folder.write(
          team,
          """
          {subscriptions: {\(team): {scope: {tags: ['\(team)']}, events: ['finished'],
            deliver: {slack: {url: 'env:SLACK'}}}}}
          """)
      }
      try folder.write("empty", "{subscriptions: {}}")
      try folder.write("less", "{subscriptions: {finance: null, nobody: null}}")
      #expect(try await apply("finance").contains("+ subscription finance"))
      #expect(
        try await apply("marketing").filter { !$0.contains("warning") } == [
          "+ subscription marketing", "Applied 0 sources with 0 streams and 1 subscription.",
        ])
      #expect(try await apply("empty") == ["Nothing changes."])
      #expect(try await names() == ["finance", "marketing"])
      let retired = "- subscription finance (told nothing more)"
      #expect(try await apply("less", "--diff") == [retired, "Nothing was applied."])
      #expect(try await names() == ["finance", "marketing"])
      #expect(try await apply("less").contains(retired))
      #expect(try await apply("less") == ["Nothing changes."])
      #expect(try await names() == ["marketing"])
      #expect(try await apply("finance").contains("+ subscription finance"))
      #expect(try await names() == ["finance", "marketing"])
    }
  }

  @Test("a secret that is not there is told by its path, and nothing is applied")
  func missingSecret() async throws {
    let folder = try TemporaryFolder()
    try await World.with { world in
      let program = Executable(
        connectionString: world.database.connectionString, environment: ["SHORT": "whsec_AAAA"])
      let path = try folder.write(
        "a.json5",
        """
        {subscriptions: {
          a: {scope: {tags: ['x']}, events: ['finished'], deliver: {slack: {url: 'env:NONE'}}},
          b: {scope: {tags: ['x']}, events: ['finished'],
            deliver: {webhook: {url: 'https://example.org/', secret: 'env:SHORT'}}},
        }}
        """)
      let refused = try await program.run("apply", "-f", path)
      #expect(refused.status == .exited(2))
      #expect(
        refused.lines.suffix(2) == [
          "backfill: subscriptions.a: The variable NONE is not set; it holds a secret.",
          "backfill: subscriptions.b: The secret env:SHORT must be whsec_ and the base64 of 24 to 64 bytes.",
        ])
      #expect(try await world.subscriptions.listSubscriptions().isEmpty)
      let skipped = try await program.run("apply", "-f", path, "--skip-check")
      #expect(skipped.status == .exited(0))
      #expect(try await world.subscriptions.listSubscriptions().count == 2)
    }
  }

  private func pending(in world: World) async throws -> Int64 {
    try await world.value(
      "SELECT count(*) FROM backfill.delivery WHERE state = 'pending'", Int64.self)
  }
}

/// A folder that is gone with its value.
private final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/backfill-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: path) } catch { return }
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    try text.write(toFile: "\(path)/\(name)", atomically: false, encoding: .utf8)
    return "\(path)/\(name)"
  }
}
