/// What a caller may do after an error: the table of SQLSTATE, kept in one place.
public enum RetryAdvice: Hashable, Sendable {
  /// The same again, at once: another transaction was in the way.
  case now
  /// The same again after a pause: the server or a resource is not to be had for the moment.
  case afterBackoff
  /// Never: the same again would fail the same way. Codes that nobody listed belong here.
  case never

  init(_ state: SQLState) {
    switch state {
    case .serializationFailure, .deadlockDetected, .invalidStatementName: self = .now
    case .lockNotAvailable, .queryCanceled, .idleInTransactionTimeout: self = .afterBackoff
    // Shut down, crashed, starting up, or ended for standing idle.
    case .adminShutdown, "57P02", "57P03", "57P05": self = .afterBackoff
    // Connected to a standby, as happens for a moment when the primary changes.
    case "25006": self = .afterBackoff
    // A protocol violation is of class 08, but repeats itself.
    case "08P01": self = .never
    default: self = Self.byClass[state.errorClass] ?? .never
    }
  }

  /// 08: connection; 53: out of disk, memory or connections; 58: input and output of the server.
  private static let byClass: [Substring: RetryAdvice] = [
    "08": .afterBackoff, "53": .afterBackoff, "58": .afterBackoff,
  ]
}
