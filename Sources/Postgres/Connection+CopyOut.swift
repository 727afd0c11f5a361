/// Some rows of a COPY from the server, each followed by a byte of the reader's choice.
public struct CopiedRows: Sendable {
  /// The rows, behind what they were appended to.
  public var bytes: [UInt8]
  /// Whether these were the last.
  public var isLast: Bool
}

extension Connection {
  /// Begins SQL that is one `COPY … TO STDOUT (FORMAT binary)` of rows of one column.
  ///
  /// The rows are then read with `copiedRows`; whoever wants no more of them closes the connection.
  public func beginCopyOut(_ sql: String) async throws(PostgresError) {
    try await interruptibly { session throws(PostgresError) in try session.beginCopyOut(sql) }
  }

  /// The next rows of the COPY, appended to `start` until that is `limit` bytes long or they end,
  /// each followed by `separator`; a row is never parted.
  public func copiedRows(
    after start: [UInt8], upTo limit: Int, separator: UInt8
  ) async throws(PostgresError) -> CopiedRows {
    try await interruptibly { session throws(PostgresError) in
      var bytes = start
      let isLast = try session.readCopyOut(upTo: limit, into: &bytes, separator: separator)
      return CopiedRows(bytes: bytes, isLast: isLast)
    }
  }
}
