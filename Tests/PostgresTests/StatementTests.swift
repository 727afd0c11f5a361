import Postgres
import Testing

@Suite struct StatementTests {
  private let server: TestServer

  init() async throws {
    server = try await TestServer.shared()
  }

  private enum Grade: String, PostgresCodable, PostgresArrayElement {
    case good, poor
  }

  @Test("a text with a NUL is refused before anything is sent, and the connection goes on")
  func nulRefused() async throws {
    let echo = Statement<(Int64, String), String>("echo", "SELECT $2 || $1::text")
    let echoAll = Statement<[String], [String]>("echo_all", "SELECT $1::text[]")
    try await server.withConnection { connection in
      let error = try await failure { _ = try await connection.query(echo, (1, "a\0secret")) }
      #expect(error.code == .encoding && error.nothingWasSent && !error.isRetryable)
      #expect(error.description.contains("echo") && error.description.contains("$2"))
      #expect(!error.description.contains("secret"))
      let inArray = try await failure { _ = try await connection.query(echoAll, ["ok", "\0"]) }
      #expect(inArray.code == .encoding)
      #expect(try await connection.query(echo, (1, "a")) == ["a1"])
    }
  }

  @Test("a time before PostgreSQL's first is refused before anything is sent")
  func earlyTimeRefused() async throws {
    let echo = Statement<Timestamp, Timestamp>("echo", "SELECT $1")
    try await server.withConnection { connection in
      for microseconds in [-210_866_803_200_000_001, Int64.min + 1] {
        let error = try await failure {
          _ = try await connection.query(echo, Timestamp(microseconds: microseconds))
        }
        #expect(error.code == .encoding)
      }
    }
  }

  @Test("a column of another type is an error that names statement, row and column")
  func typeMismatch() async throws {
    let wrong = Statement<Void, (Int64, Int64)>("wrong", "SELECT 1::int8 AS a, 'x'::text AS total")
    try await server.withConnection { connection in
      let error = try await failure { _ = try await connection.query(wrong) }
      #expect(error.code == .decoding && error.effect == .done)
      for word in ["wrong", "row 1", "column 2", "total", "text", "int8"] {
        #expect(error.description.contains(word), "\(error)")
      }
    }
  }

  @Test(
    "what a value cannot hold is an error, never another value",
    arguments: [
      ("SELECT NULL::int8", "NULL"), ("SELECT 1::int8, 2::int8", "2 columns"),
      ("SELECT 1.5::numeric", "numeric"), ("SELECT '{1}'::int8[]", "int8[]"),
    ])
  func unreadable(sql: String, word: String) async throws {
    let statement = Statement<Void, Int64>("unreadable", sql)
    try await server.withConnection { connection in
      let error = try await failure { _ = try await connection.query(statement) }
      #expect(error.code == .decoding)
      #expect(error.description.contains(word), "\(error)")
    }
  }

  @Test("a number too large for its type and an unknown word of an enumeration are errors")
  func outOfRange() async throws {
    let narrow = Statement<Void, Int16>("narrow", "SELECT 32768")
    let grade = Statement<Void, Grade>("grade", "SELECT 'excellent'")
    let nested = Statement<Void, [Int32]>("nested", "SELECT '{{1},{2}}'::int4[]")
    try await server.withConnection { connection async throws in
      #expect(try await failure { _ = try await connection.query(narrow) }.code == .decoding)
      #expect(try await failure { _ = try await connection.query(grade) }.code == .decoding)
      #expect(try await failure { _ = try await connection.query(nested) }.code == .decoding)
    }
  }

  @Test("a closure that builds a value from a row may refuse it")
  func refusingClosure() async throws {
    struct Refusal: Error {}
    let statement = Statement<Int64, Int64>("refusing", "SELECT $1") { row in
      let value = try row.read(Int64.self)
      guard value > 0 else { throw row.fault("has a value that is not above zero") }
      guard value < 100 else { throw Refusal() }
      return value
    }
    try await server.withConnection { connection in
      #expect(try await connection.query(statement, 5) == [5])
      let named = try await failure { _ = try await connection.query(statement, 0) }
      #expect(named.description.contains("not above zero"))
      let foreign = try await failure { _ = try await connection.query(statement, 100) }
      #expect(foreign.code == .decoding && foreign.description.contains("Refusal"))
    }
  }

  @Test("a statement is prepared once per connection")
  func preparedOnce() async throws {
    let statement = Statement<Int64, Int64>("once", "SELECT $1 * 2")
    try await server.withConnection { connection in
      for number in 1...5 {
        #expect(try await connection.query(statement, Int64(number)).count == 1)
      }
      let prepared = try await connection.query(
        "SELECT name, statement, generic_plans + custom_plans FROM pg_prepared_statements"
      ) { row in (try row.read(String.self), try row.read(String.self), try row.read(Int64.self)) }
      #expect(prepared.filter { $0.0.hasPrefix("once") }.map(\.2) == [5])
      #expect(prepared.contains { $0.1 == "/* once */ SELECT $1 * 2" })
    }
  }

  @Test("two statements of one name are a fault of the program")
  func oneNameTwice() async throws {
    let first = Statement<Void, Int32>("same", "SELECT 1")
    let second = Statement<Void, Int32>("same", "SELECT 2")
    try await server.withConnection { connection in
      #expect(try await connection.query(first) == [1])
      let error = try await failure { _ = try await connection.query(second) }
      #expect(error.code == .misuse && error.nothingWasSent)
    }
  }

  @Test("a plan that no longer fits its table is made anew without the caller's notice")
  func planChange() async throws {
    let all = Statement<Void, [String]>("all", "SELECT * FROM shape") { row in
      var values = [String(try row.read(Int32.self))]
      if try row.read(String?.self) != nil { values.append("text") }
      return values
    }
    try await server.withConnection { connection in
      try await connection.execute(
        "CREATE TEMPORARY TABLE shape (a int, b text); INSERT INTO shape VALUES (1, 'x')")
      #expect(try await connection.query(all) == [["1", "text"]])
      try await connection.execute("ALTER TABLE shape ALTER b TYPE varchar(5)")
      #expect(try await connection.query(all) == [["1", "text"]])
      try await connection.execute("DEALLOCATE ALL")
      #expect(try await connection.query(all) == [["1", "text"]])
    }
  }

  @Test("inside a transaction a changed plan is an error that the next attempt does not see")
  func planChangeInTransaction() async throws {
    let all = Statement<Void, Int32>("all", "SELECT * FROM form") { row in
      defer { row.skip() }
      return try row.read(Int32.self)
    }
    try await server.withConnection { connection in
      try await connection.execute(
        "CREATE TEMPORARY TABLE form (a int, b int); INSERT INTO form VALUES (1, 2)")
      #expect(try await connection.query(all) == [1])
      try await connection.execute("ALTER TABLE form ALTER b TYPE bigint")
      let error = try await failure {
        try await connection.transaction { connection in _ = try await connection.query(all) }
      }
      #expect(error.retryAdvice == .now && error.effect == .undone)
      let rows = try await connection.transaction { connection in try await connection.query(all) }
      #expect(rows == [1])
      let names = try await connection.value(
        "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'all%'", Int64.self)
      #expect(names == 2, "the old plan could not be dropped inside the failed transaction")
      try await connection.prepare(Statement<Void, Int32>("other", "SELECT 1"))
      let left = try await connection.value(
        "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'all%'", Int64.self)
      #expect(left == 1)
    }
  }

  @Test("preparing a statement finds what does not fit the schema")
  func prepareFindsFaults() async throws {
    let wrong = Statement<Int64, Void>("wrong", "SELECT missing FROM pg_class WHERE oid = $1")
    try await server.withConnection { connection in
      let error = try await failure { try await connection.prepare(wrong) }
      #expect(error.sqlState == "42703" && !error.isRetryable)
    }
  }

  @Test("a statement reports how many rows it wrote")
  func affectedRows() async throws {
    let add = Statement<Int64, Void>(
      "add", "INSERT INTO many SELECT generate_series(1, $1) ON CONFLICT DO NOTHING")
    try await server.withConnection { connection in
      try await connection.execute("CREATE TEMPORARY TABLE many (id bigint PRIMARY KEY)")
      #expect(try await connection.execute(add, 10) == 10)
      #expect(try await connection.execute(add, 15) == 5)
    }
  }
}
