import Foundation
import Glibc

/// Stands between clients and a server of PostgreSQL, and cuts or holds connections around messages
/// that a test names.
///
/// Two threads serve each connection. `@unchecked Sendable`: what changes is guarded by `lock`.
public final class CuttingProxy: @unchecked Sendable {
  /// What is done to a connection at a message of the client.
  public enum Act: Sendable {
    /// The message goes on.
    case pass
    /// The message never reaches the server, and the connection ends.
    case cutBefore
    /// The server does what the message orders; its answer is lost, and the connection ends.
    case cutAfter
    /// Half of the message goes on, and the rest when the test lets go.
    case hold
  }

  /// Says what is done at a message.
  public typealias Judge = @Sendable (ClientMessage) -> Act

  private let listener: Int32
  private let port: UInt16
  private let judge: Judge
  private let lock = NSCondition()
  private var holding = 0
  private var isOpen = false

  /// A proxy to the server that listens on a socket in the file system.
  public init(toUnixSocket path: String, _ judge: @escaping Judge) throws {
    self.judge = judge
    (listener, port) = try LoopbackSocket.listen()
    Thread.detachNewThread { [listener, weak self] in
      while case let client = accept(listener, nil, nil), client >= 0 {
        do {
          let server = try LoopbackSocket.connect(toUnixSocket: path)
          self?.serve(Link(client: client, server: server))
        } catch {
          close(client)
        }
      }
    }
  }

  deinit {
    stop()
    close(listener)
  }

  /// The way to a database through the proxy.
  public func conninfo(database: String) -> String {
    "host=127.0.0.1 port=\(port) user=backfill sslmode=disable gssencmode=disable "
      + "dbname=\(database)"
  }

  /// How many messages are held.
  public var held: Int { lock.withLock { holding } }

  /// Lets everything go that is held.
  public func letGo() {
    lock.withLock {
      isOpen = true
      lock.broadcast()
    }
  }

  /// Takes no more connections.
  public func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
  }

  private func serve(_ link: Link) {
    Thread.detachNewThread { self.forward(link) }
    Thread.detachNewThread { Self.answer(link) }
  }

  /// From the client to the server, message by message.
  private func forward(_ link: Link) {
    var messages = MessageReader(socket: link.client, beginsWithStartup: true)
    while let message = messages.next(), forward(message, link) {}
    link.end()
  }

  /// Forwards a message as it is judged; false where the connection ends.
  private func forward(_ message: ClientMessage, _ link: Link) -> Bool {
    switch judge(message) {
    case .pass: return link.toServer(message.bytes[...])
    case .cutBefore: return false
    case .cutAfter:
      link.loseAnswers()
      return link.toServer(message.bytes[...])
    case .hold:
      let half = message.bytes.count / 2
      guard link.toServer(message.bytes[..<half]) else { return false }
      waitUntilOpen()
      return link.toServer(message.bytes[half...])
    }
  }

  /// From the server to the client; of lost answers nothing, until the server is ready again.
  private static func answer(_ link: Link) {
    var messages = MessageReader(socket: link.server, beginsWithStartup: false)
    while let message = messages.next() {
      if link.losesAnswers {
        if message.type == UInt8(ascii: "Z") { break }
        continue
      }
      guard link.toClient(message.bytes[...]) else { break }
    }
    link.end()
  }

  private func waitUntilOpen() {
    lock.withLock {
      holding += 1
      while !isOpen { lock.wait() }
      holding -= 1
    }
  }
}
