import Dispatch
import Glibc

/// A client that sends what it is told, byte for byte, and never blocks the cooperative pool.
final class RawClient: Sendable {
  private let descriptor: Int32
  private let queue = DispatchQueue(label: "raw client")

  init(port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    try connect(to: address)
  }

  init(path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    try connect(to: address)
  }

  deinit { close(descriptor) }

  func send(_ text: String) async throws { try await send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) async throws {
    try await perform {
      var sent = 0
      while sent < bytes.count {
        let count = bytes.withUnsafeBytes {
          Glibc.send(
            self.descriptor, $0.baseAddress.map { $0 + sent }, $0.count - sent, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { throw SocketError(code: errno) }
        sent += count
      }
    }
  }

  /// Everything until the server closes.
  func rest() async throws -> String {
    try await perform {
      var all: [UInt8] = []
      while let piece = try self.receive(), !piece.isEmpty { all += piece }
      return String(decoding: all, as: UTF8.self)
    }
  }

  /// What comes until a text was seen, or the server closes.
  func read(until end: String) async throws -> String {
    try await perform {
      var all = ""
      while !all.contains(end), let piece = try self.receive() {
        all += String(decoding: piece, as: UTF8.self)
      }
      return all
    }
  }

  /// Says that nothing more will be sent.
  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  private func receive() throws -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count >= 0 else { throw SocketError(code: errno) }
    return count == 0 ? nil : Array(buffer[..<count])
  }

  private func connect<Address>(to address: Address) throws {
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let code = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
      }
    }
    guard code == 0 else { throw SocketError(code: errno) }
  }

  private func perform<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value)
    async throws -> Value
  {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result { try body() }) }
    }
  }
}

struct SocketError: Error {
  let code: Int32
}
