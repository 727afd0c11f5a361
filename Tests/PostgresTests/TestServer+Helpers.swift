import Postgres
import Testing

extension TestServer {
  /// Runs `body` with a connection that is closed afterwards.
  nonisolated(nonsending) func withConnection<Value>(
    _ body: nonisolated(nonsending) (Connection) async throws -> Value
  ) async throws -> Value {
    let connection = try await connect()
    do {
      let value = try await body(connection)
      await connection.close()
      return value
    } catch {
      await connection.close()
      throw error
    }
  }
}

extension Connection {
  /// The single value of a query that is run as it stands, in text form.
  nonisolated(nonsending) func value<Value: PostgresDecodable>(
    _ sql: String, _ type: Value.Type = Value.self
  ) async throws -> Value {
    let rows = try await query(sql) { row in try row.read(Value.self) }
    return try #require(rows.first)
  }

  /// Ends another session and waits until it is gone.
  nonisolated(nonsending) func terminate(_ other: Connection) async throws {
    #expect(try await value("SELECT pg_terminate_backend(\(other.backendPID), 10000)", Bool.self))
  }
}

/// Waits for a condition that another task or process brings about.
nonisolated(nonsending) func eventually(
  _ what: Comment, within patience: Duration = .seconds(20),
  _ condition: nonisolated(nonsending) () async throws -> Bool
) async throws {
  let deadline = ContinuousClock.now + patience
  while ContinuousClock.now < deadline {
    if try await condition() { return }
    await Task.yield()
  }
  Issue.record(what)
}

/// The error of a call that must fail.
nonisolated(nonsending) func failure(
  _ body: nonisolated(nonsending) () async throws -> Void
) async throws -> PostgresError {
  let error = await #expect(throws: PostgresError.self) { try await body() }
  return try #require(error)
}
