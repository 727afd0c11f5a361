import Domain
import JSON
import Outbound

extension Authentication {
  private enum Kind: String, CaseIterable {
    case bearer, basic
    case apiKey = "api_key"
    case clientCredentials = "oauth2_client"
    case refreshToken = "oauth2_refresh"
    case hmac
  }

  private enum Place: String, CaseIterable {
    case header, query
  }

  /// How a definition says that the source is shown who asks; nil, with the faults noted, where it
  /// has any.
  static func read(_ reader: ObjectReader?) -> Authentication? {
    guard let reader else { return Authentication.none }
    switch reader.choice("type", of: Kind.self) {
    case .bearer: return reader.secret("token").map { .bearer($0) }
    case .basic: return basic(reader)
    case .apiKey: return apiKey(reader)
    case .clientCredentials: return grant(.clientCredentials, reader)
    case .refreshToken:
      let rotates = reader.optionalBool("rotates") ?? false
      guard let token = reader.secret("refresh_token") else { return nil }
      if rotates, case .environment = token {
        reader.fault(
          "refresh_token",
          "expected file:/path, as each use of a rotating token gives a new one, which is written "
            + "there")
      }
      return grant(.refreshToken(token, rotates: rotates), reader)
    case .hmac: return hmac(reader)
    }
  }

  private static func basic(_ reader: ObjectReader) -> Authentication? {
    let password = reader.optionalString("password") == nil ? nil : reader.secret("password")
    return reader.user("user").map { .basic(user: $0, password: password) }
  }

  private static func apiKey(_ reader: ObjectReader) -> Authentication? {
    let name = reader.string("name")
    let place = reader.choice("in", of: Place.self)
    let template = reader.optionalString("template") ?? "{key}"
    let secret = reader.secret("key")
    guard let range = template.firstRange(of: "{key}") else {
      reader.fault("template", "expected {key} in it, where the key stands")
      return nil
    }
    guard let secret else { return nil }
    let key = Key(
      secret: secret, prefix: String(template[..<range.lowerBound]),
      suffix: String(template[range.upperBound...]))
    return place == .header ? .header(name: name, key) : .query(name: name, key)
  }

  private static func grant(_ kind: OAuthGrant.Kind, _ reader: ObjectReader) -> Authentication? {
    let secret =
      reader.optionalString("client_secret") == nil ? nil : reader.secret("client_secret")
    let place = reader.optionalChoice("client_in", of: OAuthGrant.ClientPlace.self) ?? .body
    let parameters = (reader.optionalObject("parameters")).map { parameters in
      parameters.keys.map {
        OAuthGrant.Parameter(name: $0, value: parameters.string($0))
      }
    }
    let client = reader.user("client_id")
    guard let url = reader.address("token_url"), let client else { return nil }
    return .oauth(
      OAuthGrant(
        kind: kind, url: url, clientID: client, clientSecret: secret, clientPlace: place,
        parameters: parameters ?? []))
  }

  private static func hmac(_ reader: ObjectReader) -> Authentication? {
    let headers = reader.object("headers")
    let signed = headers.keys.map { RestManifest.Header(name: $0, value: headers.string($0)) }
    let message = reader.string("message")
    for name in RequestSignature.unknownParts(in: message) {
      reader.fault("message", "unknown part {\(name)}; there are \(parts(except: .signature))")
    }
    for header in signed {
      for name in RequestSignature.unknownParts(in: header.value) {
        headers.fault(header.name, "unknown part {\(name)}; there are \(parts())")
      }
    }
    if !signed.contains(where: { $0.value.contains("{signature}") }) {
      reader.fault("headers", "expected {signature} in one of them")
    }
    let encoding = reader.optionalChoice("encoding", of: RequestSignature.Encoding.self) ?? .hex
    let key = reader.optionalString("key") == nil ? nil : reader.secret("key")
    return reader.secret("secret").map { secret in
      .hmac(
        RequestSignature(
          secret: secret, key: key, message: message, headers: signed, encoding: encoding))
    }
  }

  private static func parts(except left: RequestSignature.Part? = nil) -> String {
    RequestSignature.Part.allCases.filter { $0 != left }.map { "{\($0.rawValue)}" }
      .joined(separator: ", ")
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

  /// A user's name, plain or by reference; nil, with the fault noted, where there is none.
  fileprivate func user(_ key: String) -> Authentication.User? {
    let user = string(key)
    guard user.hasPrefix("env:") || user.hasPrefix("file:") else { return .plain(user) }
    return secret(key).map { .secret($0) }
  }

  /// An address without a query; nil, with the fault noted, where there is none.
  func address(_ key: String) -> URLReference? {
    let text = string(key)
    guard !text.isEmpty else { return nil }
    do throws(OutboundError) {
      let url = try URLReference(text)
      if url.query == nil { return url }
      fault(key, "expected \(key) to have no query; put its items into query")
    } catch {
      fault(key, "expected \(key) to be an address: \(error.message)")
    }
    return nil
  }
}
