// The characters of HTTP's grammar (RFC 9110, section 5; RFC 9112, section 2; RFC 3986, section 2).

enum Byte {
  static let tab: UInt8 = 0x09
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D
  static let space: UInt8 = 0x20
  static let percent: UInt8 = 0x25
  static let colon: UInt8 = 0x3A
}

/// Whether a byte may stand in a method or a header's name.
func isTokenByte(_ byte: UInt8) -> Bool {
  byte < 128 && tokenBytes[Int(byte)]
}

private let tokenBytes: [Bool] = (0..<128).map { code in
  let byte = UInt8(code)
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"):
    return true
  default: return "!#$%&'*+-.^_`|~".utf8.contains(byte)
  }
}

/// Whether a byte may stand in a header's value: visible, a blank, or part of a letter beyond
/// ASCII.
func isValueByte(_ byte: UInt8) -> Bool {
  byte >= 0x20 && byte != 0x7F || byte == Byte.tab
}

func isBlank(_ byte: UInt8) -> Bool { byte == Byte.space || byte == Byte.tab }

func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

/// The value of a hexadecimal digit; nil for any other byte.
func hexadecimal(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}

/// Whether two texts are equal but for the case of ASCII letters.
func equalIgnoringCase(_ left: String, _ right: String) -> Bool {
  left.utf8.count == right.utf8.count
    && zip(left.utf8, right.utf8).allSatisfy { lowercased($0) == lowercased($1) }
}

/// The small letter of an ASCII capital; any other byte as it is.
func lowercased(_ byte: UInt8) -> UInt8 {
  (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
}

extension Collection where Element == UInt8, SubSequence: BidirectionalCollection {
  /// The bytes without the blanks around them.
  var trimmed: SubSequence.SubSequence {
    let start = drop { isBlank($0) }
    let end = start.lastIndex { !isBlank($0) }.map { start.index(after: $0) } ?? start.startIndex
    return start[..<end]
  }
}
