/// A program to run, with everything that it may see: no shell is involved.
///
/// The program gets a session of its own, so that Ctrl-C in a terminal reaches only us, and a signal
/// to its group reaches its children too. It inherits no descriptor but its standard three, and no
/// ignored or blocked signal.
public struct Command: Sendable {
  /// The program: a path, or a name to be looked up in the folders of PATH.
  public var program: String
  /// The arguments after the program's name, passed as they are.
  public var arguments: [String]
  /// The variables that the program sees; those of this process by default.
  public var environment = Environment.inherited
  /// The directory in which the program starts; this process's own by default.
  public var workingDirectory: String?
  /// What the program reads from standard input; nothing by default.
  public var input = Input.nothing
  /// The user as whom the program runs; only root may name another than itself.
  public var user: String?
  /// How long the program may run; after that it is ended, politely first.
  public var deadline: Duration?
  /// How long after SIGTERM the whole group gets SIGKILL.
  public var grace = Duration.seconds(5)
  /// Whether the kernel kills the program when this process dies, even by `kill -9`.
  public var endsWithParent = false
  /// What each process of the program may use of the system; nil for what this process may.
  public var limits: ResourceLimits?

  /// Names a program and its arguments.
  public init(_ program: String, _ arguments: [String] = []) {
    self.program = program
    self.arguments = arguments
  }

  /// The variables that a program sees.
  public enum Environment: Sendable {
    /// Those of this process.
    case inherited
    /// Those of this process, with some added or replaced.
    case inheritedAdding([String: String])
    /// Exactly these.
    case only([String: String])
  }

  /// What a program reads from standard input.
  public enum Input: Sendable {
    /// The end of the file at once.
    case nothing
    /// These bytes, then the end of the file.
    case bytes([UInt8])
    /// An open descriptor of this process, which stays open and the caller's.
    case descriptor(Int32)
  }

  /// Where one of a program's two outputs goes.
  public enum Output: Sendable {
    /// Nowhere.
    case discarded
    /// Where this process's own goes.
    case inherited
    /// To an open descriptor of this process, which stays open and the caller's.
    case descriptor(Int32)
    /// To the caller in chunks; the program waits while nobody takes them.
    case streamed
  }
}
