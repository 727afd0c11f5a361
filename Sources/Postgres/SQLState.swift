/// A five character code by which PostgreSQL names the kind of an error.
public struct SQLState: Hashable, Sendable, RawRepresentable, ExpressibleByStringLiteral {
  /// The five characters.
  public let rawValue: String

  /// A code from its five characters.
  public init(rawValue: String) {
    self.rawValue = rawValue
  }

  /// A code from its five characters.
  public init(stringLiteral value: String) {
    rawValue = value
  }

  /// The first two characters, which name the class of the error.
  public var errorClass: Substring { rawValue.prefix(2) }

  /// 0A000: what was asked for does not exist, or a cached plan no longer fits.
  public static let featureNotSupported: SQLState = "0A000"
  /// 23505: a row with this key exists.
  public static let uniqueViolation: SQLState = "23505"
  /// 23514: a check constraint does not hold.
  public static let checkViolation: SQLState = "23514"
  /// 25P03: a transaction stood idle longer than the server allows.
  public static let idleInTransactionTimeout: SQLState = "25P03"
  /// 26000: no prepared statement of this name.
  public static let invalidStatementName: SQLState = "26000"
  /// 40001: two transactions could not be put in an order.
  public static let serializationFailure: SQLState = "40001"
  /// 40P01: the server ended a deadlock.
  public static let deadlockDetected: SQLState = "40P01"
  /// 53300: the server has no connection left.
  public static let tooManyConnections: SQLState = "53300"
  /// 55P03: a lock was not to be had at once or in time.
  public static let lockNotAvailable: SQLState = "55P03"
  /// 57014: the statement was cancelled, by request or by its timeout.
  public static let queryCanceled: SQLState = "57014"
  /// 57P01: an administrator ended the connection.
  public static let adminShutdown: SQLState = "57P01"
}
