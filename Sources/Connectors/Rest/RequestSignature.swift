import Crypto
import Domain
import Outbound

/// A signature over every request: HMAC-SHA256 of a text made of its parts.
struct RequestSignature: Hashable, Sendable {
  /// How the signature is written.
  enum Encoding: String, CaseIterable, Sendable {
    case hex, base64
  }

  /// A part of a request that is signed, or sent beside the signature.
  enum Part: String, CaseIterable, Sendable {
    /// Seconds since 1970 at the moment of sending.
    case timestamp
    case method
    /// The path without the query.
    case path
    /// The path and the query.
    case target
    case body
    /// The name of the key.
    case key
    /// The signature itself, for headers.
    case signature
  }

  /// What the signature is made with.
  var secret: SecretReference
  /// The public name of the key, where the source asks for one.
  var key: SecretReference?
  /// What is signed: a text with parts between braces.
  var message: String
  /// Headers in which `{signature}` and other parts stand.
  var headers: [RestManifest.Header]
  /// How the signature is written.
  var encoding: Encoding

  /// The headers of a signed request.
  func headers(
    for request: OutboundRequest, secret: String, key: String?, now: Instant
  ) -> [RestManifest.Header] {
    var parts: [Part: String] = [
      .timestamp: String(now.microseconds / 1_000_000), .method: request.method.rawValue,
      .path: request.url.path, .target: request.url.target,
      .body: String(decoding: request.body ?? [], as: UTF8.self), .key: key ?? "",
    ]
    let code = SHA256.authenticationCode(
      of: Array(Self.filled(message, parts).utf8), key: Array(secret.utf8))
    parts[.signature] = encoding == .hex ? code.hex : Base64.standard.encode(code.bytes)
    return headers.map { header in
      RestManifest.Header(name: header.name, value: Self.filled(header.value, parts))
    }
  }

  /// Fills in every part in one pass, so that a part that holds a brace is not filled in again.
  private static func filled(_ text: String, _ parts: [Part: String]) -> String {
    var filled = ""
    var rest = text[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      filled += rest[..<open]
      let name = rest[rest.index(after: open)..<close]
      filled += Part(rawValue: String(name)).flatMap { parts[$0] } ?? "{\(name)}"
      rest = rest[rest.index(after: close)...]
    }
    return filled + rest
  }

  /// The parts that a text names and that do not exist.
  static func unknownParts(in text: String) -> [String] {
    text.split(separator: "{", omittingEmptySubsequences: false).dropFirst().compactMap { piece in
      let name = String(piece.prefix { $0 != "}" })
      return Part(rawValue: name) == nil ? name : nil
    }
  }
}
