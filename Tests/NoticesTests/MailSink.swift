import Crypto
import Domain
import Foundation

/// A mail server on threads of its own that takes every mail, to the byte.
final class MailSink: Sendable {
  /// A mail as it came.
  struct Mail: Sendable {
    var envelope: [String] = []
    var headers: [String] = []
    var body: [String] = []

    func header(_ name: String) -> String? {
      headers.first { $0.hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
    }

    /// The text, decoded.
    var text: String {
      String(decoding: Base64.standard.decode(body.joined()) ?? [], as: UTF8.self)
    }

    /// Everything of the mail, encoded words decoded, as one text.
    var everything: String {
      let words = headers.flatMap { $0.split(separator: "=?utf-8?B?").dropFirst() }
        .compactMap { Base64.standard.decode(String($0.prefix { $0 != "?" })) }
        .map { String(decoding: $0, as: UTF8.self) }
      return (envelope + headers + words + [text]).joined(separator: "\n")
    }
  }

  private let log: Locked<[Mail]>
  private let listener: Int32
  private let port: UInt16

  var mails: [Mail] { log.withLock { $0 } }

  /// How to reach it.
  var delivery: Domain.Delivery {
    .mail(
      .init(
        to: ["finance@example.org"], from: "backfill@example.org",
        server: "smtp://127.0.0.1:\(port)", login: nil))
  }

  init() throws {
    let log = Locked<[Mail]>([])
    self.log = log
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let (socket, code) = (listener, bindAndListen(listener, &address, &length))
    guard code == 0 else { throw SinkFailure() }
    port = address.sin_port.bigEndian
    onThread {
      while true {
        let connection = accept(socket, nil, nil)
        guard connection >= 0 else { return }
        onThread {
          var session = MailSession(connection)
          if let mail = session.receive() { log.withLock { $0.append(mail) } }
          session.sayGoodbye()
        }
      }
    }
  }

  deinit {
    // Wakes the thread that accepts; closing alone would not.
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }
}

struct SinkFailure: Error {}

private func bindAndListen(
  _ socket: Int32, _ address: inout sockaddr_in, _ length: inout socklen_t
) -> Int32 {
  withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
      bind(socket, pointer, length) | listen(socket, 16) | getsockname(socket, pointer, &length)
    }
  }
}

/// One conversation.
private struct MailSession {
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var mail = MailSink.Mail()

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// The mail, once it is whole; nil where the other side hangs up before.
  mutating func receive() -> MailSink.Mail? {
    send("220 sink\r\n")
    while let line = line() {
      if line.hasPrefix("DATA") {
        send("354 go on\r\n")
        guard readMessage() else { return nil }
        send("250 taken\r\n")
        return mail
      }
      if line.hasPrefix("MAIL") || line.hasPrefix("RCPT") { mail.envelope.append(line) }
      send(line.hasPrefix("EHLO") ? "250-sink\r\n250 8BITMIME\r\n" : "250 ok\r\n")
    }
    return nil
  }

  mutating func sayGoodbye() {
    if line() != nil { send("221 bye\r\n") }
    close(descriptor)
  }

  private mutating func readMessage() -> Bool {
    var isHead = true
    while let line = line() {
      if line == "." { return true }
      if isHead, line.isEmpty {
        isHead = false
      } else if isHead {
        mail.headers.append(line)
      } else {
        mail.body.append(line)
      }
    }
    return false
  }

  private mutating func line() -> String? {
    while true {
      if let end = buffer.firstIndex(of: 10) {
        let line = buffer[..<end].filter { $0 != 13 }
        buffer.removeSubrange(...end)
        return String(decoding: line, as: UTF8.self)
      }
      var piece = [UInt8](repeating: 0, count: 4096)
      let count = recv(descriptor, &piece, piece.count, 0)
      guard count > 0 else { return nil }
      buffer += piece[..<count]
    }
  }

  private func send(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes {
      Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
  }
}

/// Blocking calls have threads of their own.
private func onThread(_ body: @escaping @Sendable () -> Void) {
  Thread.detachNewThread(body)
}
