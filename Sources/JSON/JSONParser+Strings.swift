extension JSONParser {
  /// Reads a string with the quotes that stand at the position.
  mutating func parseString() throws(JSONError) -> String {
    let start = position
    let quote = bytes[position]
    position += 1
    skipPlain(quote)
    if next == quote {
      position += 1
      return text(from: start + 1, to: position - 1)
    }
    return try parseStringWithEscapes(from: start, quote)
  }

  private mutating func parseStringWithEscapes(
    from start: Int, _ quote: UInt8
  ) throws(JSONError) -> String {
    var text = Array(bytes[(start + 1)..<position])
    while let byte = next {
      switch byte {
      case quote:
        position += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        try parseEscape(to: &text)
      case 0..<0x20 where !mayStandInString(byte):
        throw fault(
          .grammar, "expected no raw control character in a string, got \(ScanFault.describe(byte))"
        )
      default:
        let plain = position
        position += 1
        skipPlain(quote)
        text += bytes[plain..<position]
      }
    }
    let opening = fault(.cutOff, "", at: start).place?.line ?? 1
    throw expected("the closing quote of the string that begins in line \(opening)")
  }

  private mutating func skipPlain(_ quote: UInt8) {
    while let byte = next, byte != quote, byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
  }

  /// The text of a range; the encoding has been checked.
  func text(from start: Int, to end: Int) -> String {
    String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
  }

  private func mayStandInString(_ byte: UInt8) -> Bool {
    isJSON5 && byte != 0x0a && byte != 0x0d
  }

  private mutating func parseEscape(to text: inout [UInt8]) throws(JSONError) {
    position += 1
    guard let letter = next else { throw expected("a letter after the backslash") }
    let plain: UInt8
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain = letter
    case UInt8(ascii: "b"): plain = 0x08
    case UInt8(ascii: "f"): plain = 0x0c
    case UInt8(ascii: "n"): plain = 0x0a
    case UInt8(ascii: "r"): plain = 0x0d
    case UInt8(ascii: "t"): plain = 0x09
    case UInt8(ascii: "u"): return try parseUnicodeEscape(to: &text)
    default:
      guard isJSON5 else { throw expected("one of \"\\/bfnrtu after a backslash") }
      return try parseJSON5Escape(letter, to: &text)
    }
    text.append(plain)
    position += 1
  }

  /// Reads `\u` and its digits, and the second half of a pair; the position is at the `u`.
  mutating func parseUnicodeEscape(to text: inout [UInt8]) throws(JSONError) {
    let start = position - 1
    position += 1
    let first = try parseHex(digits: 4)
    var scalar = Unicode.Scalar(first)
    if scalar == nil, first < 0xdc00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
      let second = try parseHex(digits: 4)
      if 0xdc00...0xdfff ~= second {
        scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
      }
    }
    guard let scalar else {
      throw fault(
        .loneSurrogate, "expected both halves of a surrogate pair, got one alone", at: start)
    }
    text += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
  }

  private mutating func parseHex(digits: Int) throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard let digit = next.flatMap(hexDigitValue) else {
        throw expected("\(digits) hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  /// Reads what JSON5 allows after a backslash beyond JSON.
  private mutating func parseJSON5Escape(
    _ letter: UInt8, to text: inout [UInt8]
  ) throws(JSONError) {
    switch letter {
    case UInt8(ascii: "v"):
      text.append(0x0b)
    case UInt8(ascii: "0"):
      text.append(0)
    case UInt8(ascii: "1")...UInt8(ascii: "9"):
      throw expected("no digit after a backslash")
    case UInt8(ascii: "x"):
      position += 1
      let value = try parseHex(digits: 2)
      return text += String(Unicode.Scalar(UInt8(value))).utf8
    case 0x0d:
      position += 1
      return _ = take(0x0a)
    case 0x0a:
      break
    default:
      // A line continues after U+2028 and U+2029 as well; any other character stands for itself.
      if isLineSeparator(at: position) {
        position += 2
      } else {
        text.append(letter)
      }
    }
    position += 1
    if letter == UInt8(ascii: "0"), let next, 0x30...0x39 ~= next {
      throw expected("no digit after \\0")
    }
  }

  /// Whether U+2028 or U+2029 stands here.
  func isLineSeparator(at place: Int) -> Bool {
    place + 2 < bytes.count && bytes[place] == 0xe2 && bytes[place + 1] == 0x80
      && (bytes[place + 2] == 0xa8 || bytes[place + 2] == 0xa9)
  }
}
