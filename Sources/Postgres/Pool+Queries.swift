extension Pool {
  /// Runs one statement on any connection, as a transaction of its own.
  public nonisolated(nonsending) func query<Input, Row>(
    _ statement: Statement<Input, Row>, _ input: Input
  ) async throws(PostgresError) -> [Row] {
    try await withConnection { connection throws(PostgresError) in
      try await connection.query(statement, input)
    }
  }

  /// Runs one statement without parameters on any connection, as a transaction of its own.
  public nonisolated(nonsending) func query<Row>(
    _ statement: Statement<(), Row>
  ) async throws(PostgresError) -> [Row] {
    try await query(statement, ())
  }
}
