/// What went wrong between this program and PostgreSQL; holds no parameter and no row value.
public struct PostgresError: Error, Hashable, Sendable {
  /// The kind of the error: closed inside this room, open outside, so that kinds can be added.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    private enum Kind: String {
      case invalidSettings, connectFailed, connectTimedOut, connectionLost, commitOutcomeUnknown
      case server, cancelled, encoding, decoding, misuse, poolClosed, poolTimedOut
    }

    private let kind: Kind

    private init(_ kind: Kind) {
      self.kind = kind
    }

    /// The connection string or a setting cannot be used.
    public static let invalidSettings = Code(.invalidSettings)
    /// No connection came about.
    public static let connectFailed = Code(.connectFailed)
    /// No connection came about in time.
    public static let connectTimedOut = Code(.connectTimedOut)
    /// The connection ended; `effect` says what became of the work that was under way.
    public static let connectionLost = Code(.connectionLost)
    /// The connection ended between the order to commit and its answer: look up what happened.
    public static let commitOutcomeUnknown = Code(.commitOutcomeUnknown)
    /// The server refused; `sqlState` says why.
    public static let server = Code(.server)
    /// The task was cancelled and, where a statement ran, the server gave it up.
    public static let cancelled = Code(.cancelled)
    /// A parameter cannot be sent.
    public static let encoding = Code(.encoding)
    /// A result is not what the statement says.
    public static let decoding = Code(.decoding)
    /// A call that makes no sense here: a fault of the program.
    public static let misuse = Code(.misuse)
    /// The pool was closed.
    public static let poolClosed = Code(.poolClosed)
    /// No connection of the pool became free in time.
    public static let poolTimedOut = Code(.poolTimedOut)

    /// The name of the kind.
    public var description: String { kind.rawValue }
  }

  /// What became of the work that the failed call asked for.
  public enum Effect: Hashable, Sendable {
    /// Nothing was sent: the call may be repeated without a second thought.
    case nothingSent
    /// The server did nothing, or took back what it did.
    case undone
    /// It is not known whether the work was done.
    case unknown
    /// The work was done, only its answer could not be used.
    case done
  }

  /// The kind of the error.
  public let code: Code
  /// What became of the work that the failed call asked for.
  public internal(set) var effect: Effect
  /// The server's code, where the error came from the server.
  public internal(set) var sqlState: SQLState?
  /// One sentence that says what happened; the server's own where the error came from it.
  public internal(set) var message: String
  /// The server's second sentence, unless it could quote values (classes 22 and 23).
  public internal(set) var detail: String?
  /// The server's hint.
  public internal(set) var hint: String?
  /// The name of the constraint that did not hold.
  public internal(set) var constraint: String?
  /// The table that the error is about.
  public internal(set) var table: String?
  /// The name of the statement that failed.
  public internal(set) var statement: String?
  /// The function of the server that raised the error: tells apart what shares a code.
  var serverFunction: String?

  init(_ code: Code, _ message: String, effect: Effect = .nothingSent, state: SQLState? = nil) {
    self.code = code
    self.effect = effect
    self.message = message
    sqlState = state
  }

  /// Whether nothing reached the server, so that the call may be repeated as it is.
  public var nothingWasSent: Bool { effect == .nothingSent }

  /// Whether it is not known if the transaction was committed.
  public var commitOutcomeUnknown: Bool { code == .commitOutcomeUnknown }

  /// Whether the same call may succeed later; `effect` says whether repeating it is safe.
  public var isRetryable: Bool { retryAdvice != .never }

  /// When the same call may succeed.
  public var retryAdvice: RetryAdvice {
    switch code {
    case .connectTimedOut, .connectionLost, .poolTimedOut: .afterBackoff
    // Without a code of the server, nobody listened where it should be.
    case .connectFailed: sqlState.map(RetryAdvice.init) ?? .afterBackoff
    case .server where isPlanChange || isTablePartitionChange: .now
    case .server: sqlState.map(RetryAdvice.init) ?? .never
    default: .never
    }
  }

  /// Whether a prepared statement no longer fits the tables, so that it must be prepared anew.
  var isPlanChange: Bool {
    sqlState == .invalidStatementName
      || sqlState == .featureNotSupported && serverFunction == "RevalidateCachedQuery"
  }

  /// Whether a row no longer belongs where it was about to be written, because its table was given
  /// another partition meanwhile: the one violated check that has no name.
  private var isTablePartitionChange: Bool { sqlState == .checkViolation && constraint == nil }

  func replacing(code: Code, effect: Effect? = nil) -> PostgresError {
    var error = PostgresError(code, message, effect: effect ?? self.effect, state: sqlState)
    (error.detail, error.hint, error.constraint) = (detail, hint, constraint)
    (error.table, error.statement, error.serverFunction) = (table, statement, serverFunction)
    return error
  }
}

extension PostgresError {
  /// The answer to a statement is not what the statement promises, such as a missing row.
  public static func unexpectedAnswer(to statement: String, _ sentence: String) -> PostgresError {
    var error = PostgresError(.decoding, sentence, effect: .done)
    error.statement = statement
    return error
  }
}

extension PostgresError: CustomStringConvertible {
  /// One line for people: the message with the server's code and the statement.
  public var description: String {
    let state = sqlState.map { " (SQLSTATE \($0.rawValue))" } ?? ""
    let place = statement.map { "\($0): " } ?? ""
    return "\(place)\(message)\(state)"
  }
}
