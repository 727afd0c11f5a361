extension Connection {
  /// Runs SQL that begins with a `COPY … FROM STDIN (FORMAT binary)`, and decodes the rows of its
  /// last command that has any.
  ///
  /// Outside of a transaction all commands of `sql` are one, committed when this returns: the
  /// server goes on behind the COPY without waiting for the client. `commitOutcomeUnknown` is
  /// thrown where the connection ends after the last byte was sent and before the server's answer.
  /// The rows come in text form. The buffer must not be changed until this returns.
  public nonisolated(nonsending) func copyIn<Row>(
    _ sql: String, from buffer: CopyBuffer, decode: (inout RowReader) throws -> Row
  ) async throws(PostgresError) -> [Row] {
    guard buffer.isWellFormed else {
      throw PostgresError(.misuse, "A row of the COPY has more or fewer columns than it said.")
    }
    let answer = try await copyIn(sql, BorrowedBytes(bytes: buffer.bytes))
    withExtendedLifetime(buffer) {}
    return try answer?.rows(of: "COPY", decode) ?? []
  }

  private func copyIn(
    _ sql: String, _ data: BorrowedBytes
  ) async throws(PostgresError) -> QueryResult? {
    try await interruptibly { session throws(PostgresError) in
      try session.copyIn(sql, data.bytes)
    }
  }

  /// `@unchecked Sendable`: read on the connection's queue only, while the owner awaits that.
  private struct BorrowedBytes: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer
  }
}
