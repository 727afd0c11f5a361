extension Connection {
  /// Runs a statement and returns its rows.
  public nonisolated(nonsending) func query<Input, Row>(
    _ statement: Statement<Input, Row>, _ input: Input
  ) async throws(PostgresError) -> [Row] {
    try await run(statement, input).rows(of: statement.name, statement.decode)
  }

  /// Runs a statement without parameters and returns its rows.
  public nonisolated(nonsending) func query<Row>(
    _ statement: Statement<Void, Row>
  ) async throws(PostgresError) -> [Row] {
    try await query(statement, ())
  }

  /// Runs a statement and returns its first row, nil where there is none.
  public nonisolated(nonsending) func first<Input, Row>(
    _ statement: Statement<Input, Row>, _ input: Input
  ) async throws(PostgresError) -> Row? {
    try await query(statement, input).first
  }

  /// Runs a statement and returns how many rows it wrote; rows that it returns are not read.
  @discardableResult
  public nonisolated(nonsending) func execute<Input>(
    _ statement: Statement<Input, Void>, _ input: Input
  ) async throws(PostgresError) -> Int {
    try await run(statement, input).affectedRows
  }

  /// Runs a statement without parameters and returns how many rows it wrote.
  @discardableResult
  public nonisolated(nonsending) func execute(
    _ statement: Statement<Void, Void>
  ) async throws(PostgresError) -> Int {
    try await execute(statement, ())
  }

  /// Runs SQL without parameters, several commands allowed, which are one transaction unless the
  /// text or an open transaction says otherwise.
  public func execute(_ sql: String) async throws(PostgresError) {
    try await interruptibly { session throws(PostgresError) in _ = try session.run(sql) }
  }

  /// Runs SQL without parameters and decodes the rows of the last command that has any.
  public nonisolated(nonsending) func query<Row>(
    _ sql: String, decode: (inout RowReader) throws -> Row
  ) async throws(PostgresError) -> [Row] {
    try await run(sql)?.rows(of: "SQL", decode) ?? []
  }

  /// Plans a statement without running it, so that a test finds what does not fit the schema.
  public func prepare<Input, Row>(
    _ statement: Statement<Input, Row>
  ) async throws(PostgresError) {
    try await interruptibly { session throws(PostgresError) in
      try session.prepare(name: statement.name, sql: statement.sql, statement.parameterTypes)
    }
  }

  private nonisolated(nonsending) func run<Input, Row>(
    _ statement: Statement<Input, Row>, _ input: Input
  ) async throws(PostgresError) -> QueryResult {
    let parameters = try statement.parameters(input)
    do {
      return try await run(name: statement.name, sql: statement.sql, parameters)
    } catch {
      var error = error
      error.statement = statement.name
      throw error
    }
  }

  /// Where the tables changed under a plan, it is made anew; inside a transaction, which that error
  /// has spoiled, only the next one can.
  private func run(
    name: String, sql: String, _ parameters: Parameters
  ) async throws(PostgresError) -> QueryResult {
    try await interruptibly { session throws(PostgresError) in
      do throws(PostgresError) {
        return try session.run(name: name, sql: sql, parameters)
      } catch  where error.isPlanChange {
        session.forgetPlan(of: name)
        guard session.isIdle else { throw error }
        return try session.run(name: name, sql: sql, parameters)
      }
    }
  }

  private func run(_ sql: String) async throws(PostgresError) -> QueryResult? {
    try await interruptibly { session throws(PostgresError) in try session.run(sql) }
  }
}
