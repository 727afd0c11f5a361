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
