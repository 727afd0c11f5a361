import CLibPQ

/// One session with PostgreSQL, for one task at a time: a transaction belongs to whoever began it.
///
/// libpq's calls block a queue of the connection's own, never the cooperative pool. Cancelling the
/// task cancels the statement at the server; the call then throws `cancelled` once the server has
/// answered, or returns normally where the statement was quicker.
public actor Connection {
  nonisolated let executor: QueueExecutor
  private var session: Session?
  /// The version of the server: 150018 is 15.18.
  public nonisolated let serverVersion: Int
  /// The process of the server that serves this connection.
  public nonisolated let backendPID: Int32
  /// The name of the database.
  public nonisolated let database: String

  /// The queue that the actor runs on.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  private init(_ session: sending Session, on executor: QueueExecutor) {
    self.executor = executor
    serverVersion = Int(PQserverVersion(session.handle))
    backendPID = PQbackendPID(session.handle)
    database = PQdb(session.handle).map { String(cString: $0) } ?? ""
    self.session = session
  }

  /// Connects; each host gets `connect_timeout` (default 10 s) from its name's resolution on.
  public static func connect(
    _ settings: ConnectionSettings
  ) async throws(PostgresError) -> Connection {
    let executor = QueueExecutor(label: "backfill.postgres")
    let session = try await Connector(executor: executor).connect(settings)
    return Connection(session, on: executor)
  }

  /// Ends the session; later calls throw, and closing again does nothing.
  public func close() {
    session = nil
  }

  /// Where the session stands between two calls.
  public enum Status: Hashable, Sendable {
    /// Outside of a transaction.
    case idle
    /// Inside a transaction.
    case inTransaction
    /// Inside a transaction that can only be rolled back.
    case inFailedTransaction
    /// Closed, or lost.
    case closed
  }

  /// Where the session stands; notices a connection that the server has ended meanwhile.
  public var status: Status {
    guard let session, session.isAlive else { return .closed }
    switch PQtransactionStatus(session.handle) {
    case PQTRANS_IDLE: return .idle
    case PQTRANS_INTRANS: return .inTransaction
    case PQTRANS_INERROR: return .inFailedTransaction
    default: return .closed
    }
  }

  /// Does `work` with the session; a cancelled task has the server give up what it runs.
  func interruptibly<Value>(
    _ work: (Session) throws(PostgresError) -> Value
  ) async throws(PostgresError) -> Value {
    let session = try openSession
    guard !Task.isCancelled else {
      throw PostgresError(.cancelled, "The task was cancelled before anything was sent.")
    }
    let canceller = session.canceller
    let ticket = canceller.begin()
    let result = await withTaskCancellationHandler {
      // A closure that does not mention the actor would run on the cooperative pool.
      self.result(of: work, session)
    } onCancel: {
      canceller.cancel(ticket)
    }
    canceller.end()
    return try result.mapError(Self.recognizingCancellation).get()
  }

  private func result<Value>(
    of work: (Session) throws(PostgresError) -> Value, _ session: Session
  ) -> Result<Value, PostgresError> {
    Result { () throws(PostgresError) in try work(session) }
  }

  /// Does `work` with the session whether or not the task is cancelled: what ends a transaction.
  func uninterruptibly<Value>(
    _ work: (Session) throws(PostgresError) -> Value
  ) throws(PostgresError) -> Value {
    try work(try openSession)
  }

  private var openSession: Session {
    get throws(PostgresError) {
      guard let session else {
        throw PostgresError(.connectionLost, "The connection was closed.")
      }
      return session
    }
  }

  /// The server has one code for a request to cancel and for a timeout of its own.
  private static func recognizingCancellation(_ error: PostgresError) -> PostgresError {
    guard error.code == .server, error.sqlState == .queryCanceled, Task.isCancelled else {
      return error
    }
    return error.replacing(code: .cancelled)
  }
}
