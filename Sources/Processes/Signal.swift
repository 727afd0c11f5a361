import Glibc

/// A signal that can be sent to a running program.
public enum Signal: Sendable {
  /// Asks the program to end (SIGTERM).
  case terminate
  /// What Ctrl-C sends (SIGINT).
  case interrupt
  /// Ends the program at once; it cannot be caught (SIGKILL).
  case kill
  /// Stops the program where it stands, until it is continued (SIGSTOP).
  case stop
  /// Lets a stopped program go on (SIGCONT).
  case resume
  /// What many servers take for "read the configuration again" (SIGHUP).
  case hangUp
  /// Asks for an end without tidying up (SIGQUIT).
  case quit

  var number: Int32 {
    switch self {
    case .terminate: SIGTERM
    case .interrupt: SIGINT
    case .kill: SIGKILL
    case .stop: SIGSTOP
    case .resume: SIGCONT
    case .hangUp: SIGHUP
    case .quit: SIGQUIT
    }
  }
}
