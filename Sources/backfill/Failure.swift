import Arguments
import Cluster
import Connectors
import Domain
import HTTP
import JSON
import Migrations
import Operations
import Outbound
import Postgres

/// Why the program ends without having done what was asked: the one table that turns errors into
/// sentences and exit codes.
struct Failure: Error {
  var code: ExitCode
  /// One sentence each.
  var lines: [String]

  init(_ code: ExitCode, _ lines: String...) {
    self.code = code
    self.lines = lines
  }

  init(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as UsageError: self.init(.usage, error.description)
    case let fault as InputFault: self.init(.usage, fault.description)
    case let faults as Faults:
      self.init(.usage)
      lines = faults.faults.map(\.description)
    case let fault as OperationFault: self.init(Self.code(of: fault), fault.description)
    case let failure as SourceFailure: self.init(Self.code(of: failure), failure.message)
    case let error as PostgresError: self.init(Self.code(of: error), Self.sentence(error))
    case let error as MigrationError: self.init(Self.code(of: error), error.message)
    case let error as ClusterError: self.init(Self.code(of: error), error.description)
    case let error as OutboundError: self.init(.failed, error.message)
    case let error as ServerError: self.init(.failed, error.description)
    case is CancellationError: self.init(.failed, "It was interrupted.")
    default: self.init(.failed, "Something unexpected went wrong: \(error)")
    }
  }

  private static func code(of fault: OperationFault) -> ExitCode {
    switch fault {
    case .unknownStream, .unknownBackfill, .unknownSubscription, .notVerifiable, .unknownComparison,
      .unknownMeasure:
      .usage
    case .nothingToVerify, .notVerified: .failed
    }
  }

  private static func code(of failure: SourceFailure) -> ExitCode {
    failure.kind == .misconfigured ? .usage : .failed
  }

  private static func code(of error: PostgresError) -> ExitCode {
    switch error.code {
    case .invalidSettings: .usage
    case .connectFailed, .connectTimedOut, .connectionLost, .poolTimedOut: .unreachable
    default: error.sqlState == "42501" ? .refused : error.isRetryable ? .unreachable : .failed
    }
  }

  private static func sentence(_ error: PostgresError) -> String {
    switch error.code {
    case .connectFailed, .connectTimedOut:
      "The database cannot be reached: \(error.message)"
    default: error.description
    }
  }

  private static func code(of error: MigrationError) -> ExitCode {
    switch error {
    case .database(let error): code(of: error)
    case .failed, .unexpected: .failed
    case .changed: .schemaMismatch
    }
  }

  private static func code(of error: ClusterError) -> ExitCode {
    switch error {
    case .homeUnusable, .socketPathTooLong: .usage
    default: .unreachable
    }
  }
}
