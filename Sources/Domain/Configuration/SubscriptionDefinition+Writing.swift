public import JSON

extension SubscriptionDefinition {
  /// The subscription as the applied file writes it, without its name.
  public var json: JSONValue {
    [
      "team": .string(team), "scope": scope.json,
      "events": .array(events.map { .string($0.rawValue) }), "deliver": delivery.json,
    ]
  }
}

extension Scope {
  /// The scope as the applied file writes it, every part named.
  public var json: JSONValue {
    func texts(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
    return ["sources": texts(sources), "streams": texts(streams), "tags": texts(tags)]
  }
}

extension Delivery {
  /// The delivery as the applied file writes it, from which `init(json:)` makes it again.
  public var json: JSONValue {
    switch self {
    case .webhook(let url, let secret):
      ["webhook": ["url": .string(url.description), "secret": .string(secret.description)]]
    case .slack(let url): ["slack": ["url": .string(url.description)]]
    case .mail(let mail): ["mail": mail.json]
    }
  }

  /// The delivery that was stored.
  public init(json: JSONValue) throws(Faults) {
    self = try ObjectReader.read(json) { reader in Delivery(reader) }
  }
}

extension Delivery.Mail {
  fileprivate var json: JSONValue {
    var object: JSONObject = [
      "to": .array(to.map { .string($0) }), "from": .string(from), "smtp": .string(server),
    ]
    if let login {
      object["user"] = .string(login.user.description)
      object["password"] = .string(login.password.description)
    }
    return .object(object)
  }
}

extension Delivery.Address: CustomStringConvertible {
  /// The address or the reference, as it is written.
  public var description: String {
    switch self {
    case .plain(let text): text
    case .secret(let reference): reference.description
    }
  }
}
