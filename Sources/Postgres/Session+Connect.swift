import CLibPQ
import Glibc

extension Session {
  /// Connects, waiting for each host of the connection string for its time; blocks the caller.
  static func connect(
    _ settings: ConnectionSettings
  ) throws(PostgresError) -> Session {
    try settings.validate()
    guard let handle = start(settings) else {
      throw PostgresError(.connectFailed, "libpq has no memory for a connection.")
    }
    let session = Session(handle: handle, onNotice: settings.onNotice)
    // Only in this form does libpq tell the SQLSTATE of a refused connection.
    PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
    try session.complete()
    PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
    try session.apply(ConnectionSettings.sessionDefaults.merging(settings.session) { $1 })
    return session
  }

  private static func start(_ settings: ConnectionSettings) -> OpaquePointer? {
    let parameters = settings.parameters
    let names = parameters.map { strdup($0.name) }
    let values = parameters.map { strdup($0.value) }
    defer { (names + values).forEach { free($0) } }
    let keywords = names.map { UnsafePointer($0) } + [nil]
    return PQconnectStartParams(keywords, values.map { UnsafePointer($0) } + [nil], 1)
  }

  private func complete() throws(PostgresError) {
    let clock = ContinuousClock()
    let deadline = clock.now + patience
    var state = PGRES_POLLING_WRITING
    while !isBrokenWhileConnecting {
      switch state {
      case PGRES_POLLING_OK: return
      case PGRES_POLLING_FAILED: throw connectFailure
      default: break
      }
      guard !Task.isCancelled else {
        throw PostgresError(.cancelled, "The task was cancelled while it was connecting.")
      }
      guard clock.now < deadline else {
        throw PostgresError(.connectTimedOut, "PostgreSQL did not answer within \(patience).")
      }
      if isReady(for: state) { state = PQconnectPoll(handle) }
    }
    throw connectFailure
  }

  private var isBrokenWhileConnecting: Bool { PQstatus(handle) == CONNECTION_BAD }

  /// Waits a moment, so that a deadline or a cancellation is seen soon.
  private func isReady(for state: PostgresPollingStatusType) -> Bool {
    let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
    var poll = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
    return Glibc.poll(&poll, 1, 50) > 0
  }

  /// Each host's time, one after the other.
  private var patience: Duration {
    let options = PQconninfo(handle)
    defer { PQconninfoFree(options) }
    func value(_ keyword: String) -> String? {
      var option = options
      while let current = option, let name = current.pointee.keyword {
        if String(cString: name) == keyword {
          return current.pointee.val.map { String(cString: $0) }
        }
        option = current + 1
      }
      return nil
    }
    let hosts = (value("hostaddr") ?? value("host") ?? "").split(separator: ",").count
    let seconds = value("connect_timeout").flatMap { Int($0) } ?? 0
    let each = seconds > 0 ? seconds : ConnectionSettings.connectTimeout
    return .seconds(each * max(1, hosts))
  }

  /// Finds the code in `connection to server at … failed: FATAL:  28P01: password …`.
  private var connectFailure: PostgresError {
    var message = libpqMessage
    var state: SQLState?
    if let match = message.firstMatch(of: /: +([0-9][0-9A-Z]{4}): +/) {
      state = SQLState(rawValue: String(match.1))
      message.replaceSubrange(match.range, with: ": ")
    }
    return PostgresError(.connectFailed, message, state: state)
  }

  private func apply(_ settings: [String: String]) throws(PostgresError) {
    let statement = Statement<([String], [String]), Void>(
      "apply_settings", "SELECT set_config(name, value, false) FROM unnest($1, $2) _ (name, value)")
    do {
      let sorted = settings.sorted { $0.key < $1.key }
      let parameters = try statement.parameters((sorted.map(\.key), sorted.map(\.value)))
      _ = try run(name: statement.name, sql: statement.sql, parameters)
    } catch {
      throw error.replacing(
        code: error.code == .server ? .invalidSettings : .connectFailed, effect: .nothingSent)
    }
  }
}
