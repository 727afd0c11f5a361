/// What the request line says.
struct RequestLine: Hashable {
  let method: Method
  let target: Target
  let isCurrent: Bool

  /// Three parts with exactly one blank between them (RFC 9112, section 3).
  init(_ line: ArraySlice<UInt8>, limits: RequestLimits) throws(RequestFault) {
    let parts = line.split(separator: Byte.space, maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 3 else {
      throw .malformed("A request line is a method, a target and a version, one blank between.")
    }
    guard !parts[0].isEmpty, parts[0].count <= 32, parts[0].allSatisfy(isTokenByte) else {
      throw .malformed("The method is not a token.")
    }
    guard parts[1].count <= limits.targetBytes else { throw targetTooLong }
    method = Method(rawValue: String(decoding: parts[0], as: UTF8.self))
    isCurrent = try isVersionCurrent(parts[2])
    target = try Target(parts[1])
  }
}

let targetTooLong = RequestFault(414, "The target is too long.")

private func isVersionCurrent(_ version: some Collection<UInt8>) throws(RequestFault) -> Bool {
  if version.elementsEqual("HTTP/1.1".utf8) { return true }
  if version.elementsEqual("HTTP/1.0".utf8) { return false }
  let bytes = Array(version)
  let isVersion =
    bytes.count == 8 && bytes.starts(with: "HTTP/".utf8) && isDigit(bytes[5])
    && bytes[6] == UInt8(ascii: ".") && isDigit(bytes[7])
  throw isVersion
    ? RequestFault(505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.")
    : .malformed("The version is not of the form HTTP/1.1.")
}

extension Headers.Field {
  /// The header of one line (RFC 9112, section 5), its end left out.
  init(_ line: ArraySlice<UInt8>) throws(RequestFault) {
    guard let first = line.first, !isBlank(first) else {
      throw .malformed("A header may not be folded over several lines.")
    }
    guard let colon = line.firstIndex(of: Byte.colon), colon > line.startIndex,
      line[..<colon].allSatisfy(isTokenByte)
    else { throw .malformed("A header's name is a token with a colon right behind it.") }
    let value = line[(colon + 1)...].trimmed
    guard value.allSatisfy(isValueByte) else {
      throw .malformed("A header's value holds a control character.")
    }
    guard let text = String(validating: value, as: UTF8.self) else {
      throw .malformed("A header's value is not UTF-8.")
    }
    self.init(name: String(decoding: line[..<colon], as: UTF8.self), value: text)
  }
}

extension Headers {
  /// The value of a header that may stand once at most; nil where it does not stand.
  func only(_ name: String) throws(RequestFault) -> String? {
    let values = all(name)
    guard values.count < 2 else { throw .malformed("Header \(name) stands more than once.") }
    return values.first
  }

  /// The comma-separated words of all headers of a name, in small letters.
  func words(_ name: String) -> [String] {
    all(name).flatMap { $0.utf8.split(separator: UInt8(ascii: ",")) }
      .map { String(decoding: $0.trimmed.map(lowercased), as: UTF8.self) }
  }
}

extension RequestHead {
  /// A head from its line and headers, once they fit each other (RFC 9112, section 6.3; RFC 9110,
  /// section 7.2): whatever two programs could frame in two ways is refused.
  init(_ line: RequestLine, _ headers: Headers) throws(RequestFault) {
    for name in ["Authorization", "Content-Type"] { _ = try headers.only(name) }
    try validate(host: try headers.only("Host"), isNeeded: line.isCurrent)
    method = line.method
    target = line.target
    isCurrent = line.isCurrent
    self.headers = headers
    framing = try Framing(headers, isCurrent: line.isCurrent)
    let wishes = headers.words("Connection")
    keepsAlive =
      line.isCurrent ? !wishes.contains("close") : wishes.contains("keep-alive")
    expectsContinue = try expectation(headers, isCurrent: line.isCurrent)
  }
}

extension RequestHead.Framing {
  fileprivate init(_ headers: Headers, isCurrent: Bool) throws(RequestFault) {
    let length = try headers.only("Content-Length")
    guard let coding = try headers.only("Transfer-Encoding") else {
      self = .length(try length.map(contentLength) ?? 0)
      return
    }
    guard length == nil else {
      throw .malformed("Content-Length and Transfer-Encoding exclude each other.")
    }
    guard isCurrent else { throw .malformed("HTTP/1.0 has no Transfer-Encoding.") }
    guard equalIgnoringCase(coding, "chunked") else {
      throw RequestFault(501, "The only transfer coding understood is chunked.")
    }
    self = .chunked
  }
}

/// Digits alone, without sign, leading zero or list.
private func contentLength(_ text: String) throws(RequestFault) -> Int {
  guard !text.isEmpty, text.utf8.allSatisfy(isDigit),
    text == "0" || text.utf8.first != UInt8(ascii: "0"),
    let length = Int(text)
  else { throw .malformed("Content-Length is not a number of bytes.") }
  return length
}

private func validate(host: String?, isNeeded: Bool) throws(RequestFault) {
  guard let host else {
    guard !isNeeded else { throw .malformed("Header Host is missing.") }
    return
  }
  let isSound = !host.isEmpty && host.utf8.allSatisfy { isHostByte($0) }
  guard isSound else { throw .malformed("Header Host is not a host with an optional port.") }
}

private func isHostByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"):
    true
  default: "-._~:[]".utf8.contains(byte)
  }
}

private func expectation(_ headers: Headers, isCurrent: Bool) throws(RequestFault) -> Bool {
  guard let text = try headers.only("Expect"), isCurrent else { return false }
  guard equalIgnoringCase(text, "100-continue") else {
    throw RequestFault(417, "The only expectation understood is 100-continue.")
  }
  return true
}
