/// How far a transaction stands apart from others.
public enum Isolation: String, Sendable {
  /// Each statement sees what was committed when it began.
  case readCommitted = "READ COMMITTED"
  /// All statements see what was committed when the first began.
  case repeatableRead = "REPEATABLE READ"
  /// As if one transaction ran after the other; may fail with 40001.
  case serializable = "SERIALIZABLE"
}

extension Connection {
  /// Runs `body` in a transaction, which is committed where it returns and rolled back where it
  /// throws.
  ///
  /// A commit is not interrupted by cancellation. Where the connection ends between COMMIT and its
  /// answer, the error is `commitOutcomeUnknown`.
  public nonisolated(nonsending) func transaction<Value, Failure: PostgresFailure>(
    _ isolation: Isolation = .readCommitted,
    _ body: nonisolated(nonsending) (Connection) async throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    do throws(PostgresError) { try await begin(isolation) } catch { throw Failure(error) }
    let value: Value
    do throws(Failure) {
      value = try await body(self)
    } catch {
      await rollBack()
      throw error
    }
    do throws(PostgresError) { try await commit() } catch { throw Failure(error) }
    return value
  }

  /// The same for a body that throws errors of any type.
  public nonisolated(nonsending) func transaction<Value>(
    _ isolation: Isolation = .readCommitted,
    _ body: nonisolated(nonsending) (Connection) async throws -> Value
  ) async throws -> Value {
    try await begin(isolation)
    let value: Value
    do {
      value = try await body(self)
    } catch {
      await rollBack()
      throw error
    }
    try await commit()
    return value
  }

  private func begin(_ isolation: Isolation) async throws(PostgresError) {
    try await interruptibly { session throws(PostgresError) in
      guard session.isIdle || session.isBroken else {
        throw PostgresError(.misuse, "A transaction is open already; transactions do not nest.")
      }
      do throws(PostgresError) {
        _ = try session.run("BEGIN ISOLATION LEVEL \(isolation.rawValue)")
      } catch {
        // No work has begun, so none can be in doubt.
        throw error.replacing(code: error.code, effect: .nothingSent)
      }
    }
  }

  private func commit() async throws(PostgresError) {
    let answer: QueryResult?
    do {
      answer = try uninterruptibly { session throws(PostgresError) in
        guard session.isInTransaction || session.isBroken else {
          throw PostgresError(.misuse, "The body ended the transaction itself.", effect: .unknown)
        }
        return try session.run("COMMIT", .commit)
      }
    } catch  where error.nothingWasSent {
      // The connection had ended before COMMIT could be sent; the body's work was sent, and undone.
      throw error.replacing(code: error.code, effect: .undone)
    }
    guard answer?.command == "COMMIT" else {
      throw PostgresError(
        .server, "A statement of the transaction had failed, so it was rolled back.",
        effect: .undone, state: "25P02")
    }
  }

  /// What the body threw is what the caller hears; a session that cannot even roll back is closed,
  /// which makes the server do it.
  private func rollBack() async {
    do {
      try uninterruptibly { session throws(PostgresError) in
        if session.isInTransaction { _ = try session.run("ROLLBACK") }
      }
    } catch {
      close()
    }
  }
}
