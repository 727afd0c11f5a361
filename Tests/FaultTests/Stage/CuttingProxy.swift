import Cluster
import Foundation
import Glibc

/// Stands between a worker and the server, and cuts or holds connections around messages that a
/// test names.
///
/// Two threads serve each connection. `@unchecked Sendable`: what changes is guarded by `lock`.
final class CuttingProxy: @unchecked Sendable {
  /// What is done to a connection at a message of the client.
  enum Act: Sendable {
    /// The message goes on.
    case pass
    /// The message never reaches the server, and the connection ends.
    case cutBefore
    /// The server does what the message orders; its answer is lost, and the connection ends.
    case cutAfter
    /// Half of the message goes on, and the rest when the test lets go.
    case hold
  }

  /// A message of the client that matters.
  enum Message: Sendable {
    /// A piece of a commit's records.
    case commitData
    /// The end of a commit's records, upon which the server commits.
    case commitEnd
    /// The run of a prepared statement.
    case run(statement: String)
  }

  typealias Judge = @Sendable (Message) -> Act

  private let listener: Int32
  private let port: UInt16
  private let path: String
  private let judge: Judge
  private let lock = NSCondition()
  private var holding = 0
  private var isOpen = false

  /// A proxy to the server of a stage.
  init(to stage: Stage, _ judge: @escaping Judge) throws {
    path = "\(stage.cluster.home)/cluster/socket/.s.PGSQL.5432"
    self.judge = judge
    (listener, port) = try LoopbackSocket.listen()
    Thread.detachNewThread { [listener, self] in
      while case let client = accept(listener, nil, nil), client >= 0 {
        guard let server = LoopbackSocket.connect(toUnixSocket: self.path) else {
          close(client)
          continue
        }
        let link = Link(client: client, server: server)
        Thread.detachNewThread { self.forward(link) }
        Thread.detachNewThread { self.answer(link) }
      }
    }
  }

  /// The way to a stage's database through the proxy.
  func conninfo(_ stage: Stage) -> String {
    let database = stage.conninfo.split(separator: "dbname=").last ?? ""
    return "host=127.0.0.1 port=\(port) user=backfill sslmode=disable gssencmode=disable "
      + "dbname=\(database)"
  }

  /// How many messages are held.
  var held: Int { lock.withLock { holding } }

  /// Lets everything go that is held.
  func letGo() {
    lock.withLock {
      isOpen = true
      lock.broadcast()
    }
  }

  /// Takes no more connections.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  private func forward(_ link: Link) {
    var messages = MessageReader(socket: link.client, beginsWithStartup: true)
    var isCommit = false
    while let message = messages.next() {
      if message.type == UInt8(ascii: "Q") { isCommit = message.holds("/* commitBatch") }
      let act = Self.meaning(message, isCommit: isCommit).map(judge) ?? .pass
      if case .cutBefore = act { break }
      if case .cutAfter = act { link.loseAnswers() }
      if case .hold = act {
        let half = message.bytes.count / 2
        guard link.toServer(message.bytes[..<half]) else { break }
        waitUntilOpen()
        guard link.toServer(message.bytes[half...]) else { break }
        continue
      }
      guard link.toServer(message.bytes[...]) else { break }
    }
    link.end()
  }

  private func answer(_ link: Link) {
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

  private static func meaning(_ message: MessageReader.Message, isCommit: Bool) -> Message? {
    switch message.type {
    case UInt8(ascii: "d") where isCommit: .commitData
    case UInt8(ascii: "c") where isCommit: .commitEnd
    case UInt8(ascii: "B"): .run(statement: message.statement)
    default: nil
    }
  }

  private func waitUntilOpen() {
    lock.withLock {
      holding += 1
      while !isOpen { lock.wait() }
      holding -= 1
    }
  }
}

/// The two sockets of one connection.
///
/// `@unchecked Sendable`: what changes is guarded by `lock`.
private final class Link: @unchecked Sendable {
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

/// Reads PostgreSQL's messages from a socket; blocks.
private struct MessageReader {
  struct Message {
    let type: UInt8
    let bytes: [UInt8]

    /// The statement that a Bind names, behind the name of its portal.
    var statement: String {
      let names = bytes.dropFirst(5).split(
        separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
      return names.count > 1 ? String(decoding: names[1], as: UTF8.self) : ""
    }

    /// Whether a text stands at the beginning of the message.
    func holds(_ text: String) -> Bool {
      String(decoding: bytes.dropFirst(5).prefix(40), as: UTF8.self).contains(text)
    }
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
