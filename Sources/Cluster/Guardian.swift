import Glibc
import Processes

/// A process that waits until its owner pulls at a rope or dies, and then removes a cluster.
///
/// It is a shell in a session of its own, so that what ends the owner does not reach it.
final class Guardian: Sendable {
  private let process: RunningProcess
  private let rope: Rope

  private init(process: RunningProcess, rope: Rope) {
    self.process = process
    self.rope = rope
  }

  static func watch(home: String) async throws -> Guardian {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw ClusterError.system(home) }
    let rope = Rope(end: ends[1])
    defer { close(ends[0]) }
    var command = Command("sh", ["-c", script, "backfill-guardian", home])
    command.input = .descriptor(ends[0])
    command.workingDirectory = "/"
    return Guardian(process: try await command.start(), rope: rope)
  }

  /// Returns when the cluster is gone.
  func dismiss() async {
    rope.pull()
    _ = await process.wait()
  }

  /// What the guardian does.
  ///
  /// `read` ends with a line or when the other end is closed. The server gets SIGQUIT,
  /// its immediate shutdown. What it still writes on its way out can be in the way of `rm` for a
  /// moment.
  private static let script = """
    read -r word
    read -r server 2> /dev/null < "$1/cluster/data/postmaster.pid" && kill -QUIT "$server"
    for pause in 0 0.1 0.2 0.5 1 2 5; do
      sleep "$pause"
      rm -rf -- "$1" 2> /dev/null
      [ -e "$1" ] || exit 0
    done
    """
}

/// The owner's end of the rope; the kernel closes it if the owner dies.
private final class Rope: Sendable {
  private let end: Int32

  init(end: Int32) {
    self.end = end
  }

  deinit {
    close(end)
  }

  /// A second pull may find the guardian gone, which must not be the end of us: hence no SIGPIPE,
  /// for which the pipe is a socket.
  func pull() {
    _ = send(end, "\n", 1, Int32(MSG_NOSIGNAL))
  }
}
