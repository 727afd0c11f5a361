import JSON

extension Delivery {
  private static let ways = ["webhook", "slack", "mail"]

  init(_ reader: ObjectReader) {
    let named = Self.ways.filter { reader.keys.contains($0) }
    if named.count > 1 || (named.isEmpty && reader.keys.isEmpty) {
      reader.faults.add(path: reader.path, "name one way of delivery: webhook, slack or mail")
      for way in named { _ = reader.optionalValue(way) }
    }
    if let webhook = reader.optionalObject("webhook") {
      self = Self.webhook(webhook)
    } else if let slack = reader.optionalObject("slack") {
      self = .slack(url: slack.secret("url") ?? .standIn)
    } else if let mail = reader.optionalObject("mail") {
      self = .mail(Mail(mail))
    } else {
      self = .slack(url: .standIn)
    }
  }

  private static func webhook(_ reader: ObjectReader) -> Delivery {
    let url = reader.address("url")
    if case .plain(let text) = url, !text.isEmpty,
      !WebAddress.isSound(text, schemes: ["https", "http"])
    {
      reader.fault(
        "url", "expected an address such as https://example.org/hook, without user or password")
    }
    return .webhook(url: url, secret: reader.secret("secret") ?? .standIn)
  }
}

extension Delivery.Mail {
  fileprivate init(_ reader: ObjectReader) {
    let to = reader.texts("to", orElse: "name at least one recipient")
    for (place, address) in to { reader.checkMail(address, "to[\(place)]") }
    let from = reader.string("from")
    reader.checkMail(from, "from")
    let server = reader.string("smtp")
    if !server.isEmpty, !WebAddress.isSound(server, schemes: ["smtps", "smtp"], hasPath: false) {
      reader.fault("smtp", "expected a server such as smtps://mail.example.org:465")
    }
    self.init(to: to.map(\.text), from: from, server: server, login: Delivery.Login(reader))
  }
}

extension Delivery.Login {
  /// The login of a mail server, if it asks for one.
  fileprivate init?(_ reader: ObjectReader) {
    let given = ["user", "password"].filter { reader.keys.contains($0) }
    guard !given.isEmpty else { return nil }
    self.init(user: reader.address("user"), password: reader.secret("password") ?? .standIn)
  }
}

extension SecretReference {
  /// Stands in for a reference that is missing or wrong, about which a fault was noted.
  fileprivate static let standIn = SecretReference.environment("MISSING")
}

extension ObjectReader {
  /// A text, or a reference to where it is found.
  fileprivate func address(_ key: String) -> Delivery.Address {
    let text = string(key)
    guard text.hasPrefix("env:") || text.hasPrefix("file:") else { return .plain(text) }
    return parsed(text, key, SecretReference.init).map { .secret($0) } ?? .plain("")
  }

  /// A mail address goes into a header and to the server as it is, so only plain ones are taken.
  fileprivate func checkMail(_ address: String, _ key: String) {
    let parts = address.split(separator: "@", omittingEmptySubsequences: false)
    let isSound =
      parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
      && address.utf8.allSatisfy { $0 > 32 && $0 < 127 && !"<>,;:\"()[]\\".utf8.contains($0) }
    if !address.isEmpty, !isSound {
      fault(key, "expected a mail address such as team@example.org, got \(Wording.quoted(address))")
    }
  }
}

/// The form of addresses of servers; whether they may be reached is judged where they are.
enum WebAddress {
  /// Whether the text is an address of one of the schemes with a host and no user.
  static func isSound(_ text: String, schemes: [String], hasPath: Bool = true) -> Bool {
    guard let scheme = schemes.first(where: { text.hasPrefix("\($0)://") }),
      text.utf8.allSatisfy({ $0 > 32 && $0 < 127 })
    else { return false }
    let rest = text.dropFirst(scheme.count + 3)
    let authority = rest.prefix { !"/?#".contains($0) }
    return !authority.isEmpty && !authority.contains("@") && !authority.hasPrefix(":")
      && (hasPath || authority.count == rest.count)
  }
}
