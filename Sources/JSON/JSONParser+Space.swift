extension JSONParser {
  /// Steps over white space and, in JSON5, comments.
  mutating func skipSpace() throws(JSONError) {
    while let byte = next {
      switch byte {
      case 0x20, 0x0a, 0x0d, 0x09:
        position += 1
      case UInt8(ascii: "/") where isJSON5:
        try skipComment()
      case 0x0b, 0x0c, 0x80...:
        guard isJSON5, let scalar = nextScalar, Self.isJSON5Space(scalar) else { return }
        position += UTF8.width(scalar)
      default:
        return
      }
    }
  }

  private static func isJSON5Space(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\u{0b}", "\u{0c}", "\u{2028}", "\u{2029}", "\u{feff}": true
    default: scalar.properties.generalCategory == .spaceSeparator
    }
  }

  private mutating func skipComment() throws(JSONError) {
    let start = position
    position += 1
    if take(UInt8(ascii: "/")) { return skipLine() }
    guard take(UInt8(ascii: "*")) else {
      position = start
      throw expected("a value or a comment")
    }
    while position < bytes.count {
      if take(UInt8(ascii: "*")) {
        if take(UInt8(ascii: "/")) { return }
      } else {
        position += 1
      }
    }
    throw expected("the end \"*/\" of the comment")
  }

  private mutating func skipLine() {
    while let byte = next, byte != 0x0a, byte != 0x0d, !isLineSeparator(at: position) {
      position += 1
    }
  }
}
