import Glibc

/// Bytes on their way to a socket.
struct OutputQueue {
  /// What became of an attempt to send.
  enum Progress {
    /// Nothing is left.
    case done
    /// The socket is full until epoll says otherwise; how many bytes it took.
    case partial(Int)
    /// The reader is gone.
    case failed
  }

  private var pieces: [[UInt8]] = []
  private var offset = 0
  /// How many bytes wait.
  private(set) var count = 0

  mutating func append(_ piece: [UInt8]) {
    guard !piece.isEmpty else { return }
    pieces.append(piece)
    count += piece.count
  }

  /// Sends until the socket takes no more.
  mutating func flush(to descriptor: Int32) -> Progress {
    let before = count
    var sent = 0
    defer {
      pieces.removeFirst(sent)
      if pieces.isEmpty { pieces = [] }
    }
    while sent < pieces.count {
      // More is about to follow: let the kernel fill its packets.
      let more = sent + 1 < pieces.count ? Int32(MSG_MORE) : 0
      let taken = pieces[sent].withUnsafeBytes {
        send(
          descriptor, $0.baseAddress.map { $0 + offset }, $0.count - offset,
          Int32(MSG_NOSIGNAL) | more)
      }
      if taken < 0 {
        if errno == EINTR { continue }
        return errno == EAGAIN ? .partial(before - count) : .failed
      }
      count -= taken
      offset += taken
      if offset == pieces[sent].count {
        offset = 0
        sent += 1
      }
    }
    return .done
  }
}
