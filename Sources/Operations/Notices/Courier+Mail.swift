import Domain
import Outbound

extension Courier {
  /// Hands a notice in as a mail; that the server took it is all that can be known.
  func send(
    _ notice: Notice, by delivery: Delivery.Mail, login: MailServer.Credentials?
  ) async -> DeliveryAnswer {
    guard let server = MailServer(address: delivery.server, login: login) else {
      return .failed(
        message: "\(Wording.quoted(delivery.server)) is no address of a mail server.",
        retryAfter: nil)
    }
    // Receivers know a repeated mail by its id.
    let host = delivery.from.drop { $0 != "@" }.dropFirst()
    let mail = Mail(
      from: Mail.Address(delivery.from, name: "Backfill"), to: delivery.to.map { .init($0) },
      subject: notice.subject, text: notice.text + "\n", id: "\(notice.id)@\(host)",
      date: notice.createdAt.microseconds / 1_000_000)
    do throws(OutboundError) {
      try await Mailer(server, limits: Self.limits, policy: policy).send(mail)
      return .delivered
    } catch {
      return .failed(message: error.message, retryAfter: nil)
    }
  }
}

extension MailServer {
  /// The server of an address such as `smtps://mail.example.org:465` or `smtp://mail.example.org`.
  ///
  /// `smtp` turns to TLS before anything is said, but for a server on this machine that asks for no
  /// password.
  init?(address: String, login: Credentials?) {
    let scheme = address.prefix { $0 != ":" }
    guard scheme == "smtp" || scheme == "smtps", address.dropFirst(scheme.count).hasPrefix("://")
    else { return nil }
    let authority = address.dropFirst(scheme.count + 3)
    guard let (host, port) = Self.parts(authority, defaultPort: scheme == "smtps" ? 465 : 587)
    else { return nil }
    let isHere = ["localhost", "127.0.0.1", "::1"].contains(host) && login == nil
    self.init(
      host: host, port: port,
      protection: scheme == "smtps" ? .tls(login) : isHere ? .none : .startTLS(login))
  }

  private static func parts(
    _ authority: Substring, defaultPort: UInt16
  ) -> (host: String, port: UInt16)? {
    let isBracketed = authority.hasPrefix("[")
    guard
      let end = isBracketed
        ? authority.firstIndex(of: "]") : authority.firstIndex(of: ":") ?? authority.endIndex
    else { return nil }
    let host = isBracketed ? authority[..<end].dropFirst() : authority[..<end]
    let rest = isBracketed ? authority[end...].dropFirst() : authority[end...]
    guard !host.isEmpty else { return nil }
    guard !rest.isEmpty else { return (String(host), defaultPort) }
    guard rest.hasPrefix(":"), let port = UInt16(rest.dropFirst()), port > 0 else { return nil }
    return (String(host), port)
  }
}
