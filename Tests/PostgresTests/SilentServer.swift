import Glibc
import WireFixtures

/// Takes connections on 127.0.0.1 and never says a word.
final class SilentServer: Sendable {
  private let socket: Int32
  private let port: UInt16

  init() throws {
    (socket, port) = try LoopbackSocket.listen()
  }

  deinit {
    close(socket)
  }

  var conninfo: String {
    "host=127.0.0.1 port=\(port) user=backfill sslmode=disable gssencmode=disable"
  }

  /// Blocks until a client is there; it is left without an answer.
  func awaitClient() throws {
    let client = accept(socket, nil, nil)
    guard client >= 0 else { throw LoopbackSocket.Failure(code: errno) }
  }
}
