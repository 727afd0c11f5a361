import Glibc

/// One output of the program: a terminal, a file or a pipe.
struct Channel: Sendable {
  private let descriptor: Int32
  /// Whether a person looks at it.
  let isTerminal: Bool
  /// Whether colours may be used.
  let hasColours: Bool

  init(descriptor: Int32, environment: [String: String]) {
    self.descriptor = descriptor
    isTerminal = isatty(descriptor) == 1 && environment["TERM"] != "dumb"
    hasColours = isTerminal && (environment["NO_COLOR"] ?? "").isEmpty
  }

  /// How many characters a line of the terminal has; nil where there is none.
  var width: Int? {
    guard isTerminal else { return nil }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes text as it is; throws `Closed` when nobody reads any more.
  func write(_ text: String) throws(Closed) {
    var text = text
    let isWhole = text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR || errno == EAGAIN { continue }
        guard count >= 0 else { return false }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      }
      return true
    }
    guard isWhole else { throw Closed() }
  }

  /// Writes a line.
  func line(_ text: String = "") throws(Closed) {
    try write(text + "\n")
  }

  /// Writes a line for which it does not matter whether anybody reads it.
  func remark(_ text: String) {
    do { try line(text) } catch { return }
  }

  /// Nobody reads the channel any more, as when the output goes to `head`.
  struct Closed: Error {}
}
