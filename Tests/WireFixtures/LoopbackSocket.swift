import Glibc

/// Sockets on 127.0.0.1 for servers that tests play.
public enum LoopbackSocket {
  /// What the system said, by its number.
  public struct Failure: Error {
    /// The number.
    public let code: Int32

    /// A failure.
    public init(code: Int32) {
      self.code = code
    }
  }

  /// A listening socket on a free port.
  public static func listen(backlog: Int32 = 64) throws -> (socket: Int32, port: UInt16) {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(socket, pointer, length) == 0 && Glibc.listen(socket, backlog) == 0
          && getsockname(socket, pointer, &length) == 0
      }
    }
    guard isListening else { throw Failure(code: errno) }
    return (socket, UInt16(bigEndian: address.sin_port))
  }

  /// Fills the queue of a socket that listens with a backlog of 0: what comes next gets no answer.
  public static func fill(port: UInt16) -> [Int32] {
    (0..<4).map { _ in
      let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_NONBLOCK, 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      address.sin_port = port.bigEndian
      withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
          _ = Glibc.connect(socket, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      return socket
    }
  }

  /// A connection to a Unix socket.
  public static func connect(toUnixSocket path: String) throws -> Int32 {
    let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        Glibc.connect(socket, pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else {
      defer { close(socket) }
      throw Failure(code: errno)
    }
    return socket
  }
}
