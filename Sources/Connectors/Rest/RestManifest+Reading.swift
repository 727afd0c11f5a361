import Domain
import JSON
import Outbound

extension RestManifest {
  /// What a source's definition says of its API; nil, with the faults noted, where it has any.
  static func read(_ reader: ObjectReader) -> RestManifest? {
    let base = base(reader)
    let authentication = Authentication.read(reader.optionalObject("auth"))
    let headers = headers(reader.optionalObject("headers"), base: base)
    let limits = reader.optionalObject("limits").map(RestLimits.init) ?? RestLimits()
    guard let base, let authentication else { return nil }
    return RestManifest(
      base: base, headers: headers, authentication: authentication, limits: limits)
  }

  private static func base(_ reader: ObjectReader) -> URLReference? {
    let text = reader.string("base_url")
    guard !text.isEmpty else { return nil }
    do throws(OutboundError) {
      let url = try URLReference(text)
      if url.query == nil { return url }
      reader.fault("base_url", "expected base_url to have no query; put its items into query")
    } catch {
      reader.fault("base_url", "expected base_url to be an address: \(error.message)")
    }
    return nil
  }

  private static func headers(_ reader: ObjectReader?, base: URLReference?) -> [Header] {
    guard let reader else { return [] }
    let headers = reader.keys.map { Header(name: $0, value: reader.string($0)) }
    guard let base else { return headers }
    for header in headers {
      do throws(OutboundError) {
        try OutboundRequest(.get, base, headers: [header.name: header.value]).validate()
      } catch {
        reader.fault(header.name, error.message)
      }
    }
    return headers
  }
}

extension RestLimits {
  /// The bounds that a definition sets; the others keep their defaults.
  init(_ reader: ObjectReader) {
    self.init()
    let seconds = 1...3_600
    connectSeconds = reader.optionalInt("connect_seconds", in: seconds) ?? connectSeconds
    firstByteSeconds = reader.optionalInt("first_byte_seconds", in: seconds) ?? firstByteSeconds
    idleSeconds = reader.optionalInt("idle_seconds", in: seconds) ?? idleSeconds
    wholeSeconds = reader.optionalInt("whole_seconds", in: seconds) ?? wholeSeconds
    pageBytes = reader.optionalInt("page_bytes", in: 1_024...(512 << 20)) ?? pageBytes
    pages = reader.optionalInt("pages_per_partition", in: 1...100_000_000) ?? pages
  }
}

extension Authentication {
  private enum Kind: String, CaseIterable {
    case bearer, basic
    case apiKey = "api_key"
  }

  private enum Place: String, CaseIterable {
    case header, query
  }

  /// How a definition says that the source is shown who asks; nil, with the faults noted, where it
  /// has any.
  static func read(_ reader: ObjectReader?) -> Authentication? {
    guard let reader else { return Authentication.none }
    switch reader.choice("type", of: Kind.self) {
    case .bearer:
      return reader.secret("token").map { .bearer($0) }
    case .basic:
      return basic(reader)
    case .apiKey:
      let name = reader.string("name")
      let place = reader.choice("in", of: Place.self)
      guard let secret = reader.secret("key") else { return nil }
      return place == .header ? .header(name: name, secret) : .query(name: name, secret)
    }
  }

  private static func basic(_ reader: ObjectReader) -> Authentication? {
    let user = reader.string("user")
    let password = reader.optionalString("password") == nil ? nil : reader.secret("password")
    guard user.hasPrefix("env:") || user.hasPrefix("file:") else {
      return .basic(user: .plain(user), password: password)
    }
    return reader.secret("user").map { .basic(user: .secret($0), password: password) }
  }
}

extension ObjectReader {
  /// A reference to a secret; nil, with the fault noted, where there is none.
  func secret(_ key: String) -> SecretReference? {
    let text = string(key)
    guard !text.isEmpty else { return nil }
    do {
      return try SecretReference(text)
    } catch {
      fault(key, "\(error)")
      return nil
    }
  }
}
