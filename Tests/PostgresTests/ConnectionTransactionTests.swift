import Postgres
import Testing
import WireFixtures

@Suite struct ConnectionTransactionTests {
  private let server: TestServer

  init() async throws {
    server = try await TestServer.shared()
  }

  private enum ShopError: PostgresFailure, Equatable {
    case database(PostgresError)
    case soldOut

    init(_ error: PostgresError) {
      self = .database(error)
    }
  }

  @Test("a transaction commits what its body returns")
  func commits() async throws {
    try await server.withConnection { connection in
      try await connection.execute("CREATE TEMPORARY TABLE t (id int)")
      let value = try await connection.transaction { connection throws(PostgresError) in
        try await connection.execute("INSERT INTO t VALUES (1)")
        return 7
      }
      #expect(value == 7)
      #expect(await connection.status == .idle)
      #expect(try await connection.value("SELECT count(*) FROM t", Int.self) == 1)
    }
  }

  @Test("a transaction whose body throws leaves nothing, and the error is the body's own")
  func rollsBack() async throws {
    try await server.withConnection { connection in
      try await connection.execute("CREATE TEMPORARY TABLE t (id int)")
      let error = await #expect(throws: ShopError.self) {
        try await connection.transaction { connection throws(ShopError) in
          do throws(PostgresError) {
            try await connection.execute("INSERT INTO t VALUES (1)")
          } catch {
            throw ShopError(error)
          }
          throw .soldOut
        }
      }
      #expect(error == .soldOut)
      #expect(await connection.status == .idle)
      #expect(try await connection.value("SELECT count(*) FROM t", Int.self) == 0)
    }
  }

  @Test("a body that goes on after a failed statement does not pass for committed")
  func failedStatementSwallowed() async throws {
    try await server.withConnection { connection in
      let error = try await failure {
        try await connection.transaction { connection in
          _ = try await failure { try await connection.execute("SELECT 1/0") }
        }
      }
      #expect(error.code == .server && error.effect == .undone && error.sqlState == "25P02")
      #expect(await connection.status == .idle)
    }
  }

  @Test("a constraint that is checked at COMMIT makes the transaction fail")
  func deferredConstraint() async throws {
    try await server.withConnection { connection in
      try await connection.execute(
        "CREATE TEMPORARY TABLE t (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
      let error = try await failure {
        try await connection.transaction { connection in
          try await connection.execute("INSERT INTO t VALUES (1), (1)")
        }
      }
      #expect(error.sqlState == .uniqueViolation && error.effect == .undone)
      #expect(try await connection.value("SELECT count(*) FROM t", Int.self) == 0)
    }
  }

  @Test("transactions do not nest")
  func nesting() async throws {
    try await server.withConnection { connection in
      let error = try await failure {
        try await connection.transaction { connection in
          try await connection.transaction { _ in }
        }
      }
      #expect(error.code == .misuse)
      #expect(await connection.status == .idle)
    }
  }

  @Test("a body that ends the transaction itself is told so")
  func endedByBody() async throws {
    try await server.withConnection { connection in
      let error = try await failure {
        try await connection.transaction { try await $0.execute("COMMIT") }
      }
      #expect(error.code == .misuse)
    }
  }

  @Test(
    "the isolation is the one asked for",
    arguments: [Isolation.readCommitted, .repeatableRead, .serializable])
  func isolation(isolation: Isolation) async throws {
    try await server.withConnection { connection in
      let shown = try await connection.transaction(isolation) { connection in
        try await connection.value("SHOW transaction_isolation", String.self)
      }
      #expect(shown == isolation.rawValue.lowercased())
    }
  }

  @Test("of two transactions in each other's way one is told to try again")
  func serializationFailure() async throws {
    try await server.withConnection { first in
      try await first.execute("CREATE TABLE races (id int); INSERT INTO races VALUES (1)")
      let error = try await failure {
        try await first.transaction(.repeatableRead) { first in
          _ = try await first.value("SELECT id FROM races", Int32.self)
          try await server.withConnection { try await $0.execute("UPDATE races SET id = 2") }
          try await first.execute("UPDATE races SET id = 3")
        }
      }
      #expect(error.sqlState == .serializationFailure && error.retryAdvice == .now)
      #expect(error.effect == .undone)
      try await first.execute("DROP TABLE races")
    }
  }

  @Test("a connection that ends inside a transaction takes its work back, for certain")
  func terminatedInside() async throws {
    let connection = try await server.connect()
    let error = try await failure {
      try await connection.transaction { connection in
        try await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
      }
    }
    #expect(error.code == .connectionLost && error.effect == .undone && error.isRetryable)
    #expect(await connection.status == .closed)
  }

  @Test("a connection that ended between two statements of a transaction takes its work back")
  func terminatedBetween() async throws {
    let connection = try await server.connect()
    let error = try await failure {
      try await connection.transaction { connection in
        try await connection.execute("CREATE TABLE never_there (id int)")
        try await server.withConnection { try await $0.terminate(connection) }
      }
    }
    #expect(error.code == .connectionLost && error.effect == .undone)
  }

  @Test(
    "a connection cut around COMMIT leaves the outcome unknown, and both outcomes happen",
    arguments: [(CuttingProxy.Moment.before, 0), (.after, 1)])
  func cutAtCommit(moment: CuttingProxy.Moment, rows: Int) async throws {
    let table = "cut_\(moment)"
    try await server.withConnection { direct in
      try await direct.execute("CREATE TABLE \(table) (id int)")
      let proxy = try CuttingProxy(moment, server) { type, body in
        type == UInt8(ascii: "Q") && body.starts(with: "COMMIT".utf8)
      }
      let connection = try await Connection.connect(ConnectionSettings(proxy.conninfo))
      let error = try await failure {
        try await connection.transaction { connection in
          try await connection.execute("INSERT INTO \(table) VALUES (1)")
        }
      }
      #expect(error.code == .commitOutcomeUnknown && error.commitOutcomeUnknown)
      #expect(error.effect == .unknown && !error.isRetryable && !error.nothingWasSent)
      #expect(await connection.status == .closed)
      #expect(try await direct.value("SELECT count(*) FROM \(table)", Int.self) == rows)
      try await direct.execute("DROP TABLE \(table)")
    }
  }
}
