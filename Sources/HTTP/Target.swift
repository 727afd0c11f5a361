/// What a request asks for: a path and a query, each decoded exactly once.
public struct Target: Hashable, Sendable {
  /// One item of a query.
  public struct QueryItem: Hashable, Sendable {
    /// The name, decoded.
    public let name: String
    /// The value, decoded; empty where none was written.
    public let value: String
  }

  /// The target as it came.
  public let text: String
  /// The segments of the path, decoded, without the slashes between them; one empty segment for
  /// `/`.
  public let segments: [String]
  /// The items of the query, decoded, in order.
  public let query: [QueryItem]

  /// The first value of a name in the query; nil where it has none.
  public func value(_ name: String) -> String? { query.first { $0.name == name }?.value }

  /// A target in origin form (`/path?query`).
  ///
  /// Refused is all that two programs could read in two ways: other forms, control characters, dot
  /// segments, encoded slashes and NULs, percent signs that encode nothing, bytes that are not
  /// UTF-8.
  init(_ bytes: some Collection<UInt8>) throws(RequestFault) {
    guard bytes.first == UInt8(ascii: "/") else {
      throw .malformed("The target must begin with a slash.")
    }
    guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !forbidden.contains($0) }) else {
      throw .malformed("The target holds a character that must be percent-encoded.")
    }
    text = String(decoding: bytes, as: UTF8.self)
    let halves = bytes.split(
      separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
    segments = try halves[0].dropFirst()
      .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { segment throws(RequestFault) in try pathSegment(segment) }
    query = try halves.dropFirst().flatMap { $0.split(separator: UInt8(ascii: "&")) }
      .map { item throws(RequestFault) in try QueryItem(item) }
  }
}

extension Target.QueryItem {
  fileprivate init(_ item: some Collection<UInt8>) throws(RequestFault) {
    let halves = item.split(
      separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
    name = try formText(halves[0])
    value = halves.count > 1 ? try formText(halves[1]) : ""
  }
}

private let forbidden = Array("\"#<>\\".utf8)

private func pathSegment(_ bytes: some Collection<UInt8>) throws(RequestFault) -> String {
  let decoded = try percentDecoded(bytes)
  let isAmbiguous = decoded.contains {
    $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\")
  }
  let text = try unicode(decoded)
  guard !isAmbiguous, text != ".", text != ".." else {
    throw .malformed("The path holds a dot segment or an encoded slash or control character.")
  }
  return text
}

/// A name or value of a query; as in forms, a plus is a blank.
private func formText(_ bytes: some Collection<UInt8>) throws(RequestFault) -> String {
  let blanks = bytes.lazy.map { $0 == UInt8(ascii: "+") ? Byte.space : $0 }
  return try unicode(try percentDecoded(blanks))
}

private func unicode(_ bytes: [UInt8]) throws(RequestFault) -> String {
  guard let text = String(validating: bytes, as: UTF8.self) else {
    throw .malformed("The target encodes bytes that are not UTF-8.")
  }
  return text
}

private func percentDecoded(_ bytes: some Collection<UInt8>) throws(RequestFault) -> [UInt8] {
  var decoded: [UInt8] = []
  decoded.reserveCapacity(bytes.count)
  var rest = bytes.makeIterator()
  while let byte = rest.next() {
    guard byte == Byte.percent else {
      decoded.append(byte)
      continue
    }
    guard let high = rest.next().flatMap(hexadecimal), let low = rest.next().flatMap(hexadecimal),
      high << 4 | low != 0
    else { throw .malformed("The target holds a percent sign that encodes nothing, or NUL.") }
    decoded.append(high << 4 | low)
  }
  return decoded
}
