import CLibPQ
import Glibc

extension Session {
  /// Reads all that a call brings, up to ReadyForQuery: only then is a transaction of its own done.
  ///
  /// The answer is the last one with rows, else the last one; the first error is the error.
  @discardableResult
  func readResults(_ exposure: Exposure) throws(PostgresError) -> QueryResult? {
    var answer: QueryResult?
    var answerHasRows = false
    var failure: PostgresError?
    while let result = PQgetResult(handle) {
      switch PQresultStatus(result) {
      case PGRES_TUPLES_OK:
        (answer, answerHasRows) = (QueryResult(result), true)
      case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
        let next = QueryResult(result)
        if !answerHasRows { answer = next }
      case PGRES_COPY_IN, PGRES_COPY_OUT:
        let direction = PQresultStatus(result)
        PQclear(result)
        failure = failure ?? Self.copyMisplaced
        guard leaveCopy(direction) else { throw lost(exposure, failure) }
      default:
        failure = failure ?? PostgresError(result: result)
        PQclear(result)
      }
    }
    if isBroken { throw lost(exposure, failure) }
    if let failure { throw failure }
    return answer
  }

  /// Throws before anything is sent where the server has ended the connection meanwhile.
  func requireAlive() throws(PostgresError) {
    let wasInTransaction = isInTransaction
    guard !isAlive else { return }
    let effect = wasInTransaction ? PostgresError.Effect.undone : .nothingSent
    throw lost(Exposure(code: .connectionLost, effect: effect))
  }

  /// Whether the connection stands; reads what the server has sent unasked, down to its farewell.
  var isAlive: Bool {
    var poll = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
    while !isBroken, Glibc.poll(&poll, 1, 0) > 0 {
      guard PQconsumeInput(handle) == 1 else { break }
    }
    return !isBroken
  }

  /// The error of a connection that ended; `cause` is what the server said of it, if anything.
  func lost(_ exposure: Exposure, _ cause: PostgresError? = nil) -> PostgresError {
    guard isBroken else {
      // libpq refused the call itself, for a connection in the wrong state or out of memory.
      return PostgresError(.misuse, libpqMessage, effect: exposure.effect)
    }
    let sentence = cause.map(\.message) ?? libpqMessage
    var error = PostgresError(
      exposure.code, "The connection to PostgreSQL ended: \(sentence)", effect: exposure.effect)
    error.sqlState = cause?.sqlState
    return error
  }

  var libpqMessage: String {
    let message = String(cString: PQerrorMessage(handle))
    return message.split(whereSeparator: \.isNewline).first.map(String.init) ?? "no message"
  }

  private static let copyMisplaced = PostgresError(
    .misuse, "A COPY from or to the client stands where none is expected.", effect: .undone)

  /// Ends a COPY that nobody serves, so that the connection stays usable; false where it ended.
  private func leaveCopy(_ direction: ExecStatusType) -> Bool {
    if direction == PGRES_COPY_IN { return PQputCopyEnd(handle, "no data is sent here") == 1 }
    var row: UnsafeMutablePointer<CChar>?
    var length = PQgetCopyData(handle, &row, 0)
    while length > 0 {
      PQfreemem(row)
      length = PQgetCopyData(handle, &row, 0)
    }
    return length == -1
  }
}
