import Glibc

/// Passes bytes between two sockets, both ways, until both sides are done.
struct EgressRelay {
  /// One way: what was read and not written yet.
  private struct Way {
    let from: Int32
    let to: Int32
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    var pending = 0..<0
    var isRead = false
    var isDone = false

    init(from: Int32, to: Int32) {
      self.from = from
      self.to = to
    }

    var wantsToRead: Bool { !isRead && pending.isEmpty }
  }

  private var there: Way
  private var back: Way

  /// A relay between two connected sockets, which stay the caller's to close.
  init(_ client: Int32, _ server: Int32) {
    for socket in [client, server] {
      _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
    }
    there = Way(from: client, to: server)
    back = Way(from: server, to: client)
  }

  /// Passes bytes until both sides are done, or one breaks.
  mutating func run() {
    while !(there.isDone && back.isDone) {
      var watched = [
        pollfd(fd: there.from, events: events(reading: there, writing: back), revents: 0),
        pollfd(fd: back.from, events: events(reading: back, writing: there), revents: 0),
      ]
      if poll(&watched, 2, -1) < 0, errno != EINTR { return }
      let isBroken = watched.contains { $0.revents & Int16(POLLERR | POLLNVAL) != 0 }
      guard !isBroken, pass(&there), pass(&back) else { return }
    }
  }

  private func events(reading: Way, writing: Way) -> Int16 {
    Int16((reading.wantsToRead ? POLLIN : 0) | (writing.pending.isEmpty ? 0 : POLLOUT))
  }

  /// Moves what can be moved; false where a side broke.
  private func pass(_ way: inout Way) -> Bool {
    if way.wantsToRead {
      let count = way.buffer.withUnsafeMutableBytes { recv(way.from, $0.baseAddress, $0.count, 0) }
      if count < 0, !Self.isPassing(errno) { return false }
      if count == 0 { way.isRead = true }
      if count > 0 { way.pending = 0..<count }
    }
    if !way.pending.isEmpty {
      let pending = way.pending
      let count = way.buffer.withUnsafeBytes {
        send(
          way.to, $0.baseAddress.map { $0 + pending.lowerBound }, pending.count,
          Int32(MSG_NOSIGNAL))
      }
      if count < 0, !Self.isPassing(errno) { return false }
      if count > 0 { way.pending = (pending.lowerBound + count)..<pending.upperBound }
    }
    if way.isRead, way.pending.isEmpty, !way.isDone {
      shutdown(way.to, Int32(SHUT_WR))
      way.isDone = true
    }
    return true
  }

  private static func isPassing(_ code: Int32) -> Bool {
    code == EAGAIN || code == EINTR
  }
}
