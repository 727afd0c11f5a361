/// How a program ended.
public enum ExitStatus: Sendable, Equatable {
  /// It ended by itself with this code; 0 is success.
  case exited(Int32)
  /// It was ended by this signal.
  case signalled(Int32)
  /// It ran into the deadline of its command and was made to end.
  case deadlinePassed

  /// Whether it ended by itself with code 0.
  public var isSuccess: Bool { self == .exited(0) }
}

extension ExitStatus: CustomStringConvertible {
  /// The end of a sentence that begins with the program's name.
  public var description: String {
    switch self {
    case .exited(let code): "ended with code \(code)"
    case .signalled(let signal): "was ended by signal \(signal)"
    case .deadlinePassed: "did not end in time"
    }
  }
}

extension ExitStatus {
  /// Reads the word that `waitpid` fills in: the low seven bits are the signal, the next byte is
  /// the code.
  init(waitStatus word: Int32) {
    let signal = word & 0x7f
    self = signal == 0 ? .exited((word >> 8) & 0xff) : .signalled(signal)
  }
}
