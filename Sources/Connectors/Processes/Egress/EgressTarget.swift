import Glibc

/// Connects to a host by an address that was judged.
enum EgressTarget {
  enum Outcome {
    case connected(Int32)
    case refused(String)
    case failed(String)
  }

  private static let milliseconds: Int32 = 10_000

  /// Resolves the host, judges all its addresses, and connects to the first that answers.
  static func connect(_ host: String, port: UInt16, rule: EgressRule) -> Outcome {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &list) == 0 else {
      return .failed("Name not found")
    }
    defer { freeaddrinfo(list) }
    let entries = Array(sequence(first: list, next: { $0?.pointee.ai_next }).prefix { $0 != nil })
    for entry in entries {
      let bytes = entry.map { addressBytes($0.pointee) } ?? []
      if let reason = rule.refusal(bytes) { return .refused(reason) }
    }
    for entry in entries {
      if let entry, let socket = connected(entry.pointee) { return .connected(socket) }
    }
    return .failed("No connection")
  }

  private static func addressBytes(_ entry: addrinfo) -> [UInt8] {
    guard let address = UnsafeRawPointer(entry.ai_addr) else { return [] }
    switch entry.ai_family {
    case AF_INET:
      let inet = address.loadUnaligned(as: sockaddr_in.self)
      return withUnsafeBytes(of: inet.sin_addr) { [UInt8]($0) }
    case AF_INET6:
      let inet = address.loadUnaligned(as: sockaddr_in6.self)
      return withUnsafeBytes(of: inet.sin6_addr) { [UInt8]($0) }
    default: return []
    }
  }

  private static func connected(_ entry: addrinfo) -> Int32? {
    let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let number = socket(entry.ai_family, entry.ai_socktype | flags, entry.ai_protocol)
    guard number >= 0 else { return nil }
    if Glibc.connect(number, entry.ai_addr, entry.ai_addrlen) == 0 { return number }
    var watched = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    if errno == EINPROGRESS, poll(&watched, 1, milliseconds) == 1,
      getsockopt(number, SOL_SOCKET, SO_ERROR, &code, &length) == 0, code == 0
    {
      return number
    }
    close(number)
    return nil
  }
}
