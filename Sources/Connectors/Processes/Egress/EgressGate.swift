import Glibc

/// The other end of the guard, inside of a program's sandbox, which has no network but its own: a
/// socket is opened there and handed out to the guard, and then the program takes its place.
public enum EgressGate {
  /// The word by which an executable is told to be the gate.
  public static let argument = "egress-gate"
  /// The port at which the program finds the guard.
  static let port: UInt16 = 3128

  /// The path of the executable of this process; nil where the system does not tell.
  public static var executable: String? { MappedFiles.executable }

  /// The arguments of the gate before those of the program.
  static func arguments(socket path: String) -> [String] { [argument, path, "--"] }

  /// Opens the gate and becomes the program; returns only where the arguments ask for no gate.
  ///
  /// To be called first by an executable that offers itself as the gate.
  public static func enterIfAsked(_ arguments: [String]) {
    guard arguments.count >= 5, arguments[1] == argument, arguments[3] == "--" else { return }
    open(arguments[2])
    let program = Array(arguments[4...])
    var words = program.map { strdup($0) } + [nil]
    execv(program[0], &words)
    leave("\(program[0]) cannot be run: \(systemMessage(errno))")
  }

  private static func open(_ path: String) {
    guard let (socket, _) = EgressSocket.listening(port: port) else {
      return leave("the gate cannot listen: \(systemMessage(errno))")
    }
    guard let guardSocket = EgressSocket.local(path, listens: false),
      EgressSocket.hand(socket, over: guardSocket)
    else { return leave("the gate cannot reach the guard: \(systemMessage(errno))") }
    // The guard holds its copy once it answers.
    var answer: UInt8 = 0
    _ = read(guardSocket, &answer, 1)
    close(guardSocket)
    close(socket)
  }

  private static func leave(_ words: String) {
    let line = Array("\(argument): \(words)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    _exit(125)
  }
}
