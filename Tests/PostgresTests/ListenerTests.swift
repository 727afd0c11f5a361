import Postgres
import Testing

@Suite struct ListenerTests {
  private let server: TestServer

  init() async throws {
    server = try await TestServer.shared()
  }

  private func listener(_ channels: [String]) -> Listener {
    Listener(
      server.settings, channels: channels, backoff: Backoff(base: .milliseconds(5)),
      generator: SeededGenerator(seed: 1))
  }

  @Test("a listener tells when it listens, and then each notification in order")
  func notifications() async throws {
    var events = listener(["news", "Odd \"Name\""]).makeAsyncIterator()
    #expect(try await events.next() == .listening)
    try await server.withConnection { sender in
      try await sender.execute(
        "NOTIFY news, 'first'; NOTIFY \"Odd \"\"Name\"\"\"; NOTIFY other, 'x'; NOTIFY news, 'last'")
    }
    let expected = [("news", "first"), ("Odd \"Name\"", ""), ("news", "last")]
    for (channel, payload) in expected {
      guard case .notification(let notification) = try await events.next() else {
        Issue.record("a notification was expected")
        return
      }
      #expect((notification.channel, notification.payload) == (channel, payload))
    }
  }

  @Test("a listener whose connection ends listens again, and says that something may be missing")
  func reconnects() async throws {
    var settings = server.settings
    settings.applicationName = "listener under test"
    var events = Listener(
      settings, channels: ["again"], backoff: Backoff(base: .milliseconds(5)),
      generator: SeededGenerator(seed: 1)
    ).makeAsyncIterator()
    #expect(try await events.next() == .listening)
    let other = try await server.connect()
    for _ in 0..<3 {
      let ended = try await other.value(
        """
        SELECT bool_and(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
        WHERE application_name = 'listener under test'
        """, Bool.self)
      #expect(ended)
      #expect(try await events.next() == .reconnected)
      try await other.execute("NOTIFY again, 'back'")
      guard case .notification(let notification) = try await events.next() else {
        Issue.record("a notification was expected")
        break
      }
      #expect(notification.payload == "back")
    }
    await other.close()
  }

  @Test("a listener that waits ends when its task is cancelled")
  func cancellation() async throws {
    let listener = listener(["silence"])
    let (started, starter) = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      var count = 0
      for try await _ in listener {
        count += 1
        starter.finish()
      }
      return count
    }
    for await _ in started {}
    task.cancel()
    #expect(try await task.value == 1)
  }

  @Test("a listener that can never connect throws")
  func refused() async throws {
    var events = Listener(
      ConnectionSettings(server.conninfo(database: "none")), channels: ["x"],
      generator: SeededGenerator(seed: 1)
    ).makeAsyncIterator()
    do {
      let event = try await events.next()
      Issue.record("\(String(describing: event))")
    } catch {
      #expect(error.sqlState == "3D000")
    }
  }
}
