import Glibc

/// Reads PostgreSQL's messages from a socket; blocks.
struct MessageReader {
  private let socket: Int32
  /// The first message of a client has no type.
  private var beginsWithStartup: Bool
  private var buffer: [UInt8] = []
  private var query = ""

  init(socket: Int32, beginsWithStartup: Bool) {
    self.socket = socket
    self.beginsWithStartup = beginsWithStartup
  }

  mutating func next() -> ClientMessage? {
    let prefix = beginsWithStartup ? 0 : 1
    guard fill(to: prefix + 4) else { return nil }
    let length = buffer[prefix..<prefix + 4].reduce(0) { $0 << 8 | Int($1) }
    guard fill(to: prefix + length) else { return nil }
    let bytes = Array(buffer.prefix(prefix + length))
    buffer.removeFirst(bytes.count)
    var message = ClientMessage(type: beginsWithStartup ? 0 : bytes[0], bytes: bytes)
    beginsWithStartup = false
    if message.type == UInt8(ascii: "Q") {
      query = String(decoding: message.body.prefix(40), as: UTF8.self)
    }
    message.query = query
    return message
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
