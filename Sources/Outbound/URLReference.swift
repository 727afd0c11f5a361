import CLibCurl

/// An absolute http or https address, parsed once by libcurl's own parser, so that what is compared
/// here is what is connected to.
///
/// It holds no user name, password or fragment.
public struct URLReference: Hashable, Sendable {
  /// `http` or `https`.
  public let scheme: String
  /// The host's name or address in small letters; IPv6 in brackets.
  public let host: String
  /// The port, the scheme's own where none was written.
  public let port: Int
  /// The path, at least `/`.
  public let path: String
  /// What follows the `?`, as written; nil where there is none.
  public let query: String?

  /// An address from its text; throws `invalidRequest` with the reason.
  public init(_ text: String) throws(OutboundError) {
    let prepared = try sendable(text)
    guard prepared.prefix(8).contains("://") else {
      throw OutboundError(.invalidRequest, "An address must begin with http:// or https://.")
    }
    let handle = try URLHandle()
    try handle.set(prepared)
    try self.init(handle)
  }

  /// The address that a link leads to when it stands in the answer of this one; the link may be
  /// relative.
  public func resolving(_ link: String) throws(OutboundError) -> URLReference {
    let handle = try URLHandle()
    try handle.set(text)
    try handle.set(try sendable(link))
    return try URLReference(handle)
  }

  /// The same address with more items behind its query, each encoded.
  public func appendingQuery(_ items: [(name: String, value: String)]) throws(OutboundError)
    -> URLReference
  {
    guard !items.isEmpty else { return self }
    let added = items.map { "\(percentEncoded($0.name))=\(percentEncoded($0.value))" }
    let all = (query.map { $0.isEmpty ? [] : [$0] } ?? []) + added
    return try URLReference("\(origin)\(path)?\(all.joined(separator: "&"))")
  }

  /// The whole address as it is sent.
  public var text: String { origin + target }

  /// Scheme, host and, unless it is the scheme's own, port.
  public var origin: String {
    port == (scheme == "https" ? 443 : 80) ? "\(scheme)://\(host)" : "\(scheme)://\(host):\(port)"
  }

  /// Path and query.
  public var target: String { query.map { "\(path)?\($0)" } ?? path }

  /// Host and port, as messages name them.
  public var authority: String { "\(host):\(port)" }

  /// Whether credentials for this address may be sent to the other: same host, port and scheme, or
  /// the same host when http turns into https on the usual ports.
  public func mayLead(to other: URLReference) -> Bool {
    guard host == other.host else { return false }
    if scheme == other.scheme { return port == other.port }
    return scheme == "http" && port == 80 && other.scheme == "https" && other.port == 443
  }

  private init(_ handle: borrowing URLHandle) throws(OutboundError) {
    guard try handle.part(CURLUPART_USER) == nil, try handle.part(CURLUPART_PASSWORD) == nil else {
      throw OutboundError(
        .invalidRequest, "An address may not hold a user name or password; give them as a header.")
    }
    let scheme = try handle.part(CURLUPART_SCHEME) ?? ""
    guard scheme == "http" || scheme == "https" else {
      throw OutboundError(.invalidRequest, "Only http and https addresses are asked.")
    }
    guard let host = try handle.part(CURLUPART_HOST), !host.isEmpty,
      let port = Int(try handle.part(CURLUPART_PORT, flags: CURLU_DEFAULT_PORT) ?? ""), port > 0
    else { throw OutboundError(.invalidRequest, "The address names no host or a bad port.") }
    self.scheme = scheme
    self.host = String(decoding: host.utf8.map(lowercased), as: UTF8.self)
    self.port = port
    path = try handle.part(CURLUPART_PATH) ?? "/"
    query = try handle.part(CURLUPART_QUERY)
  }
}

extension URLReference: CustomStringConvertible {
  /// The address without its query, which may hold secrets.
  public var description: String { origin + path }
}

/// Percent-encodes all but RFC 3986's unreserved characters.
public func percentEncoded(_ text: String) -> String {
  var encoded: [UInt8] = []
  for byte in text.utf8 {
    if isUnreserved(byte) { encoded.append(byte) } else { encoded.append(percent: byte) }
  }
  return String(decoding: encoded, as: UTF8.self)
}

/// A link as it may stand in a request line: control characters are refused; blanks and letters
/// beyond ASCII, which sloppy sources write into links, are percent-encoded behind the host.
private func sendable(_ link: String) throws(OutboundError) -> String {
  // libcurl would take the first part of the path for the host.
  guard !link.hasPrefix("///"), !link.prefix(9).contains(":///") else {
    throw OutboundError(.invalidRequest, "The address names no host.")
  }
  var encoded: [UInt8] = []
  var slashes = link.contains("://") ? 0 : 3
  for byte in link.utf8 {
    guard byte >= 0x20, byte != 0x7F else {
      throw OutboundError(.invalidRequest, "The address holds a control character.")
    }
    if byte == UInt8(ascii: "/") { slashes += 1 }
    if byte == UInt8(ascii: "?") { slashes = 3 }
    if slashes > 2, byte == 0x20 || byte > 0x7F {
      encoded.append(percent: byte)
    } else {
      encoded.append(byte)
    }
  }
  return String(decoding: encoded, as: UTF8.self)
}

private func isUnreserved(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
    UInt8(ascii: "_"), UInt8(ascii: "~"):
    true
  default: false
  }
}

extension [UInt8] {
  fileprivate mutating func append(percent byte: UInt8) {
    let digits = Array("0123456789ABCDEF".utf8)
    append(UInt8(ascii: "%"))
    append(digits[Int(byte >> 4)])
    append(digits[Int(byte & 15)])
  }
}

/// libcurl's URL object, freed with the value.
private struct URLHandle: ~Copyable {
  private let raw: OpaquePointer

  init() throws(OutboundError) {
    guard let raw = curl_url() else {
      throw OutboundError(.failed, "libcurl has no memory for an address.")
    }
    self.raw = raw
  }

  deinit { curl_url_cleanup(raw) }

  func set(_ text: String) throws(OutboundError) {
    let code = curl_url_set(raw, CURLUPART_URL, text, 0)
    guard code == CURLUE_OK else {
      throw OutboundError(
        .invalidRequest, "The address cannot be read: \(String(cString: curl_url_strerror(code))).")
    }
  }

  /// A part of the address; nil where it has none.
  func part(_ part: CURLUPart, flags: Int32 = 0) throws(OutboundError) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    let code = curl_url_get(raw, part, &text, UInt32(flags))
    defer { curl_free(text) }
    switch code {
    case CURLUE_OK: return text.map { String(cString: $0) }
    case CURLUE_NO_USER, CURLUE_NO_PASSWORD, CURLUE_NO_QUERY, CURLUE_NO_HOST, CURLUE_NO_PORT,
      CURLUE_NO_SCHEME:
      return nil
    default:
      throw OutboundError(
        .invalidRequest, "The address cannot be read: \(String(cString: curl_url_strerror(code))).")
    }
  }
}
