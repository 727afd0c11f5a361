import Foundation
import Glibc
import Synchronization

/// Stands between a client and the test server, and cuts the connection around one message.
///
/// Two threads serve each connection; they share the `Cut` alone, which a mutex guards.
final class CuttingProxy: Sendable {
  /// When the connection is cut, seen from the message that is waited for.
  enum Moment: Sendable {
    /// The message never reaches the server.
    case before
    /// The server has done what the message orders; its answer never reaches the client.
    case after
  }

  private let listener: Int32
  private let port: UInt16
  private let cut: Cut

  /// What two threads of a connection tell each other.
  private final class Cut: Sendable {
    let moment: Moment
    let isTrigger: @Sendable (UInt8, ArraySlice<UInt8>) -> Bool
    let isSprung = Mutex(false)

    init(moment: Moment, isTrigger: @escaping @Sendable (UInt8, ArraySlice<UInt8>) -> Bool) {
      self.moment = moment
      self.isTrigger = isTrigger
    }
  }

  /// Cuts around the first message for which `isTrigger` says so, by its type and body; connections
  /// made later go through untouched.
  init(
    _ moment: Moment, _ server: TestServer,
    isTrigger: @escaping @Sendable (UInt8, ArraySlice<UInt8>) -> Bool
  ) throws {
    (listener, port) = try LoopbackSocket.listen()
    cut = Cut(moment: moment, isTrigger: isTrigger)
    let (listener, cut) = (listener, cut)
    Thread.detachNewThread {
      while case let client = accept(listener, nil, nil), client >= 0 {
        do {
          let path = "\(server.socketDirectory)/.s.PGSQL.5432"
          Self.serve(client, try LoopbackSocket.connect(toUnixSocket: path), cut)
        } catch {
          close(client)
        }
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  var conninfo: String {
    "host=127.0.0.1 port=\(port) user=backfill dbname=backfill sslmode=disable gssencmode=disable"
  }

  private static func serve(_ client: Int32, _ server: Int32, _ cut: Cut) {
    Thread.detachNewThread { forward(from: client, to: server, cut) }
    Thread.detachNewThread { answer(from: server, to: client, cut) }
  }

  /// From the client to the server, message by message.
  private static func forward(from client: Int32, to server: Int32, _ cut: Cut) {
    var messages = MessageReader(socket: client, beginsWithStartup: true)
    while let message = messages.next() {
      let isFirst = cut.isTrigger(message.type, message.body) && spring(cut)
      if isFirst, cut.moment == .before { break }
      guard send(message.bytes, to: server) else { break }
    }
    shutdown(client, Int32(SHUT_RDWR))
    shutdown(server, Int32(SHUT_RDWR))
  }

  private static func spring(_ cut: Cut) -> Bool {
    cut.isSprung.withLock { isSprung in
      defer { isSprung = true }
      return !isSprung
    }
  }

  /// From the server to the client; behind the message nothing, until the server is ready again.
  private static func answer(from server: Int32, to client: Int32, _ cut: Cut) {
    var messages = MessageReader(socket: server, beginsWithStartup: false)
    let wasSprung = cut.isSprung.withLock { $0 }
    while let message = messages.next() {
      let isCut = !wasSprung && cut.isSprung.withLock { $0 }
      if isCut {
        if message.type == UInt8(ascii: "Z") { break }
        continue
      }
      guard send(message.bytes, to: client) else { break }
    }
    shutdown(client, Int32(SHUT_RDWR))
    shutdown(server, Int32(SHUT_RDWR))
  }

  private static func send(_ bytes: [UInt8], to socket: Int32) -> Bool {
    var rest = bytes[...]
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

/// Reads PostgreSQL's messages from a socket; blocks.
private struct MessageReader {
  struct Message {
    let type: UInt8
    let bytes: [UInt8]
    var body: ArraySlice<UInt8> { bytes.dropFirst(5) }
  }

  let socket: Int32
  /// The first message of a client has no type.
  var beginsWithStartup: Bool
  private var buffer: [UInt8] = []

  init(socket: Int32, beginsWithStartup: Bool) {
    self.socket = socket
    self.beginsWithStartup = beginsWithStartup
  }

  mutating func next() -> Message? {
    let prefix = beginsWithStartup ? 0 : 1
    guard fill(to: prefix + 4) else { return nil }
    let length = buffer[prefix..<prefix + 4].reduce(0) { $0 << 8 | Int($1) }
    guard fill(to: prefix + length) else { return nil }
    let bytes = Array(buffer.prefix(prefix + length))
    buffer.removeFirst(bytes.count)
    defer { beginsWithStartup = false }
    return Message(type: beginsWithStartup ? 0 : bytes[0], bytes: bytes)
  }

  private mutating func fill(to count: Int) -> Bool {
    while buffer.count < count {
      let received = withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { room in
        let received = recv(socket, room.baseAddress, room.count, 0)
        if received > 0 { buffer.append(contentsOf: room.prefix(received)) }
        return received
      }
      guard received > 0 else { return false }
    }
    return true
  }
}
