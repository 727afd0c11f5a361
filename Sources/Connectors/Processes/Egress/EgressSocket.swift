import Glibc

/// Sockets of the guard, as numbers that their thread closes.
enum EgressSocket {
  static func setTimeout(_ socket: Int32, seconds: Int) {
    var time = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
  }

  /// A socket that listens on this machine's own address, with its port; nil where there is none.
  static func listening(port: UInt16) -> (socket: Int32, port: UInt16)? {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { return nil }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(number, address, length) == 0 && listen(number, 64) == 0
          && getsockname(number, address, &length) == 0
      }
    }
    guard isBound else {
      close(number)
      return nil
    }
    return (number, UInt16(bigEndian: address.sin_port))
  }

  /// A socket by the path of a file: listening there, or connected to who listens; nil where that
  /// cannot be.
  static func local(_ path: String, listens: Bool) -> Int32? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { return nil }
    let length = socklen_t(MemoryLayout<sockaddr_un>.size)
    let isReady = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        listens
          ? bind(number, address, length) == 0 && listen(number, 1) == 0
          : connect(number, address, length) == 0
      }
    }
    guard isReady else {
      close(number)
      return nil
    }
    return number
  }

  /// Writes all bytes; false where the other side went away.
  static func write(_ bytes: some Sequence<UInt8>, to socket: Int32) -> Bool {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}

// A descriptor travels beside a byte: a header of 16 bytes, then its number, filled up to 24.
extension EgressSocket {
  private static let rightsLength = 20
  // SCM_RIGHTS, an enumerator that Swift's Glibc does not show.
  private static let rights: Int32 = 1

  /// Gives an open socket to the process at the other end.
  static func hand(_ given: Int32, over socket: Int32) -> Bool {
    var control = [UInt8](repeating: 0, count: 24)
    control.withUnsafeMutableBytes { bytes in
      bytes.storeBytes(of: rightsLength, as: Int.self)
      bytes.storeBytes(of: SOL_SOCKET, toByteOffset: 8, as: Int32.self)
      bytes.storeBytes(of: rights, toByteOffset: 12, as: Int32.self)
      bytes.storeBytes(of: given, toByteOffset: 16, as: Int32.self)
    }
    return withMessage(&control) { sendmsg(socket, &$0, Int32(MSG_NOSIGNAL)) } == 1
  }

  /// Takes a socket that the process at the other end gives; nil where it gives none.
  static func taken(from socket: Int32) -> Int32? {
    var control = [UInt8](repeating: 0, count: 24)
    let received = withMessage(&control) { message in
      let count = recvmsg(socket, &message, Int32(MSG_CMSG_CLOEXEC))
      return message.msg_controllen >= rightsLength ? count : 0
    }
    guard received == 1 else { return nil }
    return control.withUnsafeBytes { bytes in
      bytes.load(fromByteOffset: 12, as: Int32.self) == rights
        ? bytes.load(fromByteOffset: 16, as: Int32.self) : nil
    }
  }

  private static func withMessage(
    _ control: inout [UInt8], _ body: (inout msghdr) -> Int
  ) -> Int {
    var byte: UInt8 = 1
    return withUnsafeMutableBytes(of: &byte) { byte in
      var piece = iovec(iov_base: byte.baseAddress, iov_len: 1)
      return withUnsafeMutablePointer(to: &piece) { piece in
        control.withUnsafeMutableBytes { control in
          var message = msghdr()
          message.msg_iov = piece
          message.msg_iovlen = 1
          message.msg_control = control.baseAddress
          message.msg_controllen = control.count
          return body(&message)
        }
      }
    }
  }
}
