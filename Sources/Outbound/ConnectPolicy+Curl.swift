import CLibCurl
import Glibc

extension ConnectPolicy.Address {
  /// The address that libcurl is about to connect to; no bytes for a family that is not of the
  /// internet.
  init(_ address: UnsafeMutablePointer<curl_sockaddr>) {
    // The address lies in place at the end of libcurl's structure, longer than its declared type.
    let place = UnsafeRawPointer(address) + (MemoryLayout<curl_sockaddr>.offset(of: \.addr) ?? 0)
    switch address.pointee.family {
    case AF_INET:
      let inet = place.loadUnaligned(as: sockaddr_in.self)
      self.init(
        bytes: withUnsafeBytes(of: inet.sin_addr) { [UInt8]($0) }, port: inet.sin_port.bigEndian)
    case AF_INET6:
      let inet = place.loadUnaligned(as: sockaddr_in6.self)
      self.init(
        bytes: withUnsafeBytes(of: inet.sin6_addr) { [UInt8]($0) }, port: inet.sin6_port.bigEndian)
    default:
      self.init(bytes: [], port: 0)
    }
  }
}

extension ConnectPolicy {
  /// Opens the socket for an address that may be connected to; of any other the reason is told.
  func open(
    _ address: UnsafeMutablePointer<curl_sockaddr>, for host: String, refused: (String) -> Void
  ) -> curl_socket_t {
    if case .refused(let reason) = decide(.init(address), for: host) {
      refused(reason)
      return CURL_SOCKET_BAD
    }
    let type = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
    return socket(address.pointee.family, type, address.pointee.protocol)
  }
}
