import CLibPQ

extension Session {
  /// Sends data to the COPY that stands in `sql`, then reads what that and later commands answer.
  ///
  /// The server goes on with the command behind the COPY by itself, so all of `sql` is one implicit
  /// transaction without a round trip in it.
  func copyIn(
    _ sql: String, _ data: UnsafeRawBufferPointer
  ) throws(PostgresError) -> QueryResult? {
    try requireAlive()
    let isInTransaction = isInTransaction
    let beforeEnd = Exposure(code: .connectionLost, effect: .undone)
    guard PQsendQuery(handle, sql) == 1 else { throw lost(beforeEnd) }
    try awaitCopy(beforeEnd)
    guard send(data) else {
      // The server says why before it hangs up; reading on finds that.
      try readResults(beforeEnd)
      throw lost(beforeEnd)
    }
    if Task.isCancelled {
      PQputCopyEnd(handle, "cancelled by the client")
      return try readResults(beforeEnd)
    }
    // From here on the server may commit, whatever becomes of the connection.
    let afterEnd =
      isInTransaction ? beforeEnd : Exposure(.commit, isInTransaction: isInTransaction)
    guard sendTrailer(), PQputCopyEnd(handle, nil) == 1 else { throw lost(afterEnd) }
    return try readResults(afterEnd)
  }

  /// Goes past the answers of commands before the COPY.
  private func awaitCopy(_ exposure: Exposure) throws(PostgresError) {
    while let result = PQgetResult(handle) {
      let status = PQresultStatus(result)
      switch status {
      case PGRES_COPY_IN:
        PQclear(result)
        return
      case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
        PQclear(result)
      default:
        let failure = PostgresError(result: result)
        PQclear(result)
        try readResults(exposure)
        throw isBroken ? lost(exposure, failure) : failure
      }
    }
    if isBroken { throw lost(exposure) }
    throw PostgresError(.misuse, "The SQL holds no COPY … FROM STDIN.", effect: .undone)
  }

  /// False where the connection ended.
  private func send(_ data: UnsafeRawBufferPointer) -> Bool {
    var offset = 0
    while offset < data.count, !Task.isCancelled {
      let count = min(Self.chunk, data.count - offset)
      guard put(UnsafeRawBufferPointer(rebasing: data[offset..<offset + count])) else {
        return false
      }
      offset += count
    }
    return true
  }

  private func sendTrailer() -> Bool {
    withUnsafeBytes(of: CopyBuffer.trailer) { put($0) }
  }

  private func put(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let start = bytes.assumingMemoryBound(to: CChar.self).baseAddress
    return PQputCopyData(handle, start, Int32(bytes.count)) == 1
  }

  /// Large enough that the calls cost nothing, small enough that libpq's copy of it does not.
  private static let chunk = 1 << 17
}
