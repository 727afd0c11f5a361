import Glibc

/// Why a program could not be run, or did not end as it should.
public enum ProcessFailure: Error, Sendable, Equatable {
  /// No program of this name was found in the folders of the search path.
  case programNotFound(String)
  /// The machine has no user of this name.
  case userUnknown(String)
  /// The program is there, but the system refused to start it; the code is an errno.
  case notStarted(program: String, code: Int32)
  /// The program ended badly; `errors` is the beginning of what it wrote to standard error.
  case failed(program: String, status: ExitStatus, errors: String)
  /// A system call on our own side failed; the code is an errno.
  case system(call: String, code: Int32)
}

extension ProcessFailure: CustomStringConvertible {
  /// One sentence that says what happened.
  public var description: String {
    switch self {
    case .programNotFound(let name):
      "The program \(name) was not found; install it or put its folder into PATH."
    case .userUnknown(let name):
      "There is no user \(name) on this machine; create it or choose another."
    case .notStarted(let program, let code):
      "\(program) could not be started: \(systemMessage(code))."
    case .failed(let program, let status, let errors):
      errors.isEmpty ? "\(program) \(status)." : "\(program) \(status): \(errors)"
    case .system(let call, let code):
      "The system call \(call) failed: \(systemMessage(code))."
    }
  }
}

/// The system's words for an errno.
private func systemMessage(_ code: Int32) -> String {
  guard let text = strerror(code) else { return "error \(code)" }
  return String(cString: text)
}
