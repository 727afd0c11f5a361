import Foundation
import Glibc

/// The two sockets of one connection through a proxy.
///
/// `@unchecked Sendable`: what changes is guarded by `lock`.
final class Link: @unchecked Sendable {
  let client: Int32
  let server: Int32
  private let lock = NSLock()
  private var isLost = false

  init(client: Int32, server: Int32) {
    self.client = client
    self.server = server
  }

  deinit {
    close(client)
    close(server)
  }

  var losesAnswers: Bool { lock.withLock { isLost } }

  func loseAnswers() { lock.withLock { isLost = true } }

  func toServer(_ bytes: ArraySlice<UInt8>) -> Bool { Self.send(bytes, to: server) }

  func toClient(_ bytes: ArraySlice<UInt8>) -> Bool { Self.send(bytes, to: client) }

  func end() {
    shutdown(client, Int32(SHUT_RDWR))
    shutdown(server, Int32(SHUT_RDWR))
  }

  private static func send(_ bytes: ArraySlice<UInt8>, to socket: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
