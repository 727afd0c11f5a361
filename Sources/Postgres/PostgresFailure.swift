/// An error type that can stand for a `PostgresError`, so that a closure in a transaction throws it.
public protocol PostgresFailure: Error {
  /// The error that says what PostgreSQL said.
  init(_ error: PostgresError)
}

extension PostgresError: PostgresFailure {
  /// The same error.
  public init(_ error: PostgresError) {
    self = error
  }
}
