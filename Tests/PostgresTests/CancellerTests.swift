import Testing

@testable import Postgres

@Suite struct CancellerTests {
  @Test("a request to cancel that comes late hits no other statement")
  func late() async throws {
    let session = try Session.connect(try await TestServer.shared().settings)
    for _ in 0..<5 {
      let finished = session.canceller.begin()
      session.canceller.end()
      _ = session.canceller.begin()
      session.canceller.cancel(finished)
      try session.run("SELECT count(*) FROM generate_series(1, 200000)")
      session.canceller.end()
      session.canceller.cancel(finished)
    }
  }

  @Test("a request to cancel that comes in time hits its statement")
  func inTime() async throws {
    let session = try Session.connect(try await TestServer.shared().settings)
    let ticket = session.canceller.begin()
    session.canceller.cancel(ticket)
    let error = #expect(throws: PostgresError.self) {
      // A request before the statement begins is lost, so it is asked for until it comes in time.
      while true {
        session.canceller.cancel(ticket)
        try session.run("SELECT count(*) FROM generate_series(1, 1000000)")
      }
    }
    #expect(error?.sqlState == .queryCanceled)
    session.canceller.end()
  }
}
