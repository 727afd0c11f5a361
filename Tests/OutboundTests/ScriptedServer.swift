import Glibc

/// A server on threads of its own that does to each connection what a script says, for what no
/// sound server would do.
///
/// A connection is closed when its script ends.
final class ScriptedServer: Sendable {
  let port: UInt16
  private let descriptor: Int32

  init(_ script: @escaping @Sendable (ScriptedConnection) -> Void) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(listener, pointer, length) | listen(listener, 64)
          | getsockname(listener, pointer, &length)
      }
    }
    guard code == 0 else { throw ScriptFailure() }
    descriptor = listener
    port = address.sin_port.bigEndian
    try startThread {
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        do {
          try startThread { script(ScriptedConnection(connection)) }
        } catch {
          close(connection)
        }
      }
    }
  }

  deinit {
    // Wakes the thread that accepts; closing alone would not.
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }
}

struct ScriptFailure: Error {}

/// One connection in the hands of a script.
final class ScriptedConnection {
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  /// The next line without its end; nil when the other side is gone.
  func line() -> String? {
    while true {
      if let end = buffer.firstIndex(of: 10) {
        let line = buffer[..<end].filter { $0 != 13 }
        buffer.removeSubrange(...end)
        return String(decoding: line, as: UTF8.self)
      }
      guard receive() else { return nil }
    }
  }

  /// The lines of a request's head; nil when the other side is gone.
  func head() -> [String]? {
    var lines: [String] = []
    while let line = line() {
      guard !line.isEmpty else { return lines }
      lines.append(line)
    }
    return nil
  }

  /// Waits until the other side hangs up.
  func waitForEnd() { while receive() {} }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes {
      Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
  }

  private func receive() -> Bool {
    var piece = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &piece, piece.count, 0)
    guard count > 0 else { return false }
    buffer += piece[..<count]
    return true
  }
}

private func startThread(_ body: @escaping @Sendable () -> Void) throws {
  final class Box {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  let box = Unmanaged.passRetained(Box(body))
  var thread = pthread_t()
  let code = pthread_create(
    &thread, nil,
    { context in
      if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
      return nil
    }, box.toOpaque())
  guard code == 0 else {
    box.release()
    throw ScriptFailure()
  }
  pthread_detach(thread)
}
