extension JSONParser {
  /// Reads the key of a member.
  mutating func parseKey() throws(JSONError) -> String {
    switch next {
    case UInt8(ascii: "\""): return try parseString()
    case UInt8(ascii: "'") where isJSON5: return try parseString()
    default:
      guard isJSON5 else { throw expected("a key in double quotes") }
      return try parseIdentifier()
    }
  }

  private mutating func parseIdentifier() throws(JSONError) -> String {
    var text: [UInt8] = []
    while let scalar = nextScalar {
      let isFirst = text.isEmpty
      if scalar == "\\" {
        try parseIdentifierEscape(to: &text)
      } else if Self.mayStandInIdentifier(scalar, isFirst: isFirst) {
        let length = UTF8.width(scalar)
        text.append(contentsOf: bytes[position..<(position + length)])
        position += length
      } else {
        break
      }
    }
    guard !text.isEmpty else { throw expected("a key") }
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func parseIdentifierEscape(to text: inout [UInt8]) throws(JSONError) {
    let isFirst = text.isEmpty
    let start = position
    position += 1
    guard next == UInt8(ascii: "u") else { throw expected("\"u\" after a backslash in a key") }
    var escaped: [UInt8] = []
    try parseUnicodeEscape(to: &escaped)
    let scalars = String(decoding: escaped, as: UTF8.self).unicodeScalars
    guard scalars.allSatisfy({ Self.mayStandInIdentifier($0, isFirst: isFirst) }) else {
      throw fault(.grammar, "expected a letter in a key without quotes, got another", at: start)
    }
    text += escaped
  }

  /// The character at the position; the encoding has been checked.
  var nextScalar: Unicode.Scalar? {
    guard let byte = next else { return nil }
    if byte < 0x80 { return Unicode.Scalar(byte) }
    return String(decoding: bytes[position...].prefix(4), as: UTF8.self).unicodeScalars.first
  }

  private static func mayStandInIdentifier(_ scalar: Unicode.Scalar, isFirst: Bool) -> Bool {
    if scalar == "$" || scalar == "_" || scalar.properties.isIDStart { return true }
    guard !isFirst else { return false }
    return scalar.properties.isIDContinue || scalar == "\u{200c}" || scalar == "\u{200d}"
  }
}
