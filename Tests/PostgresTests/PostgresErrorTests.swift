import Postgres
import Testing

@Suite struct PostgresErrorTests {
  private let server: TestServer

  init() async throws {
    server = try await TestServer.shared()
  }

  private func error(of sql: String) async throws -> PostgresError {
    try await server.withConnection { connection in
      let error = try await failure { try await connection.execute(sql) }
      #expect(await connection.status == .idle, "the connection goes on after an error")
      return error
    }
  }

  @Test("a violated constraint is told by its name, without the row's values")
  func constraint() async throws {
    let error = try await error(
      of: """
        CREATE TEMPORARY TABLE things (id text CONSTRAINT things_id UNIQUE);
        INSERT INTO things VALUES ('canary'), ('canary')
        """)
    #expect(error.code == .server && error.effect == .undone)
    #expect(error.sqlState == .uniqueViolation)
    #expect(error.constraint == "things_id" && error.table == "things")
    #expect(!String(reflecting: error).contains("canary"))
    #expect(!error.isRetryable)
  }

  @Test(
    "an error about a value does not repeat the value",
    arguments: [
      "SELECT 'canary'::int", "SELECT '{\"canary\"'::jsonb", "SELECT 'canary'::timestamptz",
      "SELECT 1 / length(substr('canary', 7))", "SELECT 'canary'::uuid",
      "CREATE TEMPORARY TABLE c (v text CHECK (v <> 'canary')); INSERT INTO c VALUES ('canary')",
    ])
  func noValues(sql: String) async throws {
    let error = try await error(of: sql)
    #expect(error.code == .server)
    var dumped = ""
    dump(error, to: &dumped)
    #expect(!dumped.contains("canary"), "\(dumped)")
    #expect(!error.description.contains("canary"))
  }

  @Test("an error carries the server's code, sentence, detail and hint")
  func parts() async throws {
    let error = try await error(
      of: """
        DO $$ BEGIN RAISE 'no % left', 'paper' USING
          ERRCODE = 'BF001', DETAIL = 'since noon', HINT = 'buy some'; END $$
        """)
    #expect(error.sqlState == "BF001")
    #expect(error.message == "no paper left")
    #expect(error.detail == "since noon" && error.hint == "buy some")
    #expect(error.description == "no paper left (SQLSTATE BF001)")
  }

  @Test(
    "each code of the server says whether the same again may succeed",
    arguments: [
      ("40001", RetryAdvice.now), ("40P01", .now), ("26000", .now), ("55P03", .afterBackoff),
      ("57014", .afterBackoff), ("57P01", .afterBackoff), ("57P02", .afterBackoff),
      ("57P03", .afterBackoff), ("57P04", .never), ("25P03", .afterBackoff),
      ("25006", .afterBackoff), ("08006", .afterBackoff), ("08P01", .never),
      ("53100", .afterBackoff), ("53300", .afterBackoff), ("58030", .afterBackoff),
      ("23505", .never), ("42P01", .never), ("XX000", .never), ("0A000", .never),
      ("ZZ999", .never),
    ])
  func retryTable(state: String, advice: RetryAdvice) async throws {
    let error = try await error(
      of: "DO $$ BEGIN RAISE 'x' USING ERRCODE = '\(state)'; END $$")
    #expect(error.sqlState?.rawValue == state)
    #expect(error.retryAdvice == advice)
    #expect(error.isRetryable == (advice != .never))
  }

  @Test("a statement timeout of the server is not taken for a cancellation")
  func statementTimeout() async throws {
    let error = try await error(
      of: "SET LOCAL statement_timeout = 20; SELECT count(*) FROM generate_series(1, 1e12::int8)")
    #expect(error.code == .server && error.sqlState == .queryCanceled)
    #expect(error.isRetryable)
  }
}
