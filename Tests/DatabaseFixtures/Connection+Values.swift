public import Postgres

/// What a query was expected to give, and did not.
public struct NoRow: Error {
  /// The query.
  public let sql: String
}

extension Connection {
  /// The first column of the first row of a query.
  public nonisolated(nonsending) func value<Value: PostgresDecodable>(
    _ sql: String, _ type: Value.Type = Value.self
  ) async throws -> Value {
    let rows = try await query(sql) { row in try row.read(Value.self) }
    guard let value = rows.first else { throw NoRow(sql: sql) }
    return value
  }

  /// The only column of all rows of a query.
  public nonisolated(nonsending) func column<Value: PostgresDecodable>(
    _ sql: String, _ type: Value.Type = Value.self
  ) async throws -> [Value] {
    try await query(sql) { row in try row.read(Value.self) }
  }
}

/// Waits for a condition that another task, process or the clock brings about; false when it did
/// not come true in time.
public func eventually(
  within patience: Duration = .seconds(30), _ condition: () async throws -> Bool
) async throws -> Bool {
  let deadline = ContinuousClock.now + patience
  while ContinuousClock.now < deadline {
    if try await condition() { return true }
    await Task.yield()
  }
  return false
}
