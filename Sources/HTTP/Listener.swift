import Glibc

/// A socket that listens.
struct Listener: Sendable {
  let descriptor: Int32
  /// The port; 0 for a socket in the file system.
  let port: UInt16
  /// The file to be removed at the end; nil for TCP.
  let path: String?

  init(_ address: ServerConfiguration.Address) throws(ServerError) {
    switch address {
    case .tcp(let host, let port): try self.init(host: host, port: port)
    case .unix(let path): try self.init(path: path)
    }
  }

  func close() {
    Glibc.close(descriptor)
    if let path { unlink(path) }
  }

  private init(host: String, port: UInt16) throws(ServerError) {
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &found) == 0, let found else {
      throw ServerError(description: "\(host) is not a numeric address to listen on.")
    }
    defer { freeaddrinfo(found) }
    let name = "\(host):\(port)"
    descriptor = try boundSocket(found.pointee.ai_family, name) {
      bind($0, found.pointee.ai_addr, found.pointee.ai_addrlen)
    }
    self.port = localPort(descriptor)
    path = nil
  }

  private init(path: String) throws(ServerError) {
    var address = sockaddr_un()
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard !path.isEmpty, path.utf8.count < room else {
      throw ServerError(description: "The socket's path must have 1 to \(room - 1) bytes.")
    }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    removeDeadSocket(address, path)
    descriptor = try boundSocket(AF_UNIX, path) { socket in
      withSocketAddress(address) { bind(socket, $0, $1) }
    }
    port = 0
    self.path = path
  }
}

private func boundSocket(_ family: Int32, _ name: String, _ bind: (Int32) -> Int32)
  throws(ServerError) -> Int32
{
  let type = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
  let descriptor = socket(family, Int32(type), 0)
  var isOn: Int32 = 1
  // Without this the port of a server that just ended could not be taken for a minute.
  setsockopt(
    descriptor, SOL_SOCKET, SO_REUSEADDR, &isOn, socklen_t(MemoryLayout<Int32>.size))
  guard descriptor >= 0, bind(descriptor) == 0, listen(descriptor, 1024) == 0 else {
    let reason = String(cString: strerror(errno))
    if descriptor >= 0 { close(descriptor) }
    throw ServerError(description: "Cannot listen on \(name): \(reason).")
  }
  return descriptor
}

/// Removes a socket file that nobody listens on any more; anything else stays.
private func removeDeadSocket(_ address: sockaddr_un, _ path: String) {
  var status = stat()
  guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
  let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  guard probe >= 0 else { return }
  defer { close(probe) }
  let code = withSocketAddress(address) { connect(probe, $0, $1) }
  if code != 0, errno == ECONNREFUSED { unlink(path) }
}

private func withSocketAddress<Address>(
  _ address: Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) -> Int32 {
  withUnsafePointer(to: address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<Address>.size))
    }
  }
}

private func localPort(_ descriptor: Int32) -> UInt16 {
  var storage = sockaddr_storage()
  var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
  return withUnsafeMutablePointer(to: &storage) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      _ = getsockname(descriptor, $0, &length)
    }
    // The port lies at the same place for IPv4 and IPv6.
    return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
      UInt16(bigEndian: $0.pointee.sin_port)
    }
  }
}
