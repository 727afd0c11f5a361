extension JSONParser {
  /// Reads a number and answers with its JSON text, which for most is as written.
  mutating func parseNumber() throws(JSONError) -> String {
    let start = position
    if take(UInt8(ascii: "-")) || (isJSON5 && take(UInt8(ascii: "+"))) {
      try refuseNamedNumber()
      guard isNumberStart else { throw expected("a digit after the sign") }
    } else {
      try refuseNamedNumber()
      guard isNumberStart else { throw expected("a value") }
    }
    let isNegative = bytes[start] == UInt8(ascii: "-")
    let sign = isNegative ? "-" : ""
    if isJSON5, isHexPrefix { return sign + String(try parseHexNumber()) }
    return sign + (try parseDecimal())
  }

  private var isNumberStart: Bool {
    guard let next else { return false }
    return isDigit(next) || (isJSON5 && next == UInt8(ascii: "."))
  }

  /// JSON5 has Infinity and NaN; no store holds them as a number.
  private func refuseNamedNumber() throws(JSONError) {
    guard isJSON5 else { return }
    for name in ["Infinity", "NaN"] where bytes[position...].starts(with: name.utf8) {
      throw fault(.number, "expected a number, got \(name), which cannot be stored")
    }
  }

  private mutating func parseDecimal() throws(JSONError) -> String {
    let wholeStart = position
    skipDigits()
    let whole = String(decoding: bytes[wholeStart..<position], as: UTF8.self)
    if whole.utf8.count > 1, whole.hasPrefix("0") {
      throw fault(.grammar, "expected no digit after a leading 0", at: wholeStart + 1)
    }
    let fraction = try parseFraction(afterWhole: !whole.isEmpty)
    return (whole.isEmpty ? "0" : whole) + fraction + (try parseExponent())
  }

  private mutating func parseFraction(afterWhole hasWhole: Bool) throws(JSONError) -> String {
    guard take(UInt8(ascii: ".")) else { return "" }
    let start = position
    skipDigits()
    if position > start { return "." + String(decoding: bytes[start..<position], as: UTF8.self) }
    guard isJSON5, hasWhole else { throw expected("a digit after the point") }
    return ""
  }

  private mutating func parseExponent() throws(JSONError) -> String {
    guard let letter = next, letter | 0x20 == UInt8(ascii: "e") else { return "" }
    let start = position
    position += 1
    if !take(UInt8(ascii: "-")) { _ = take(UInt8(ascii: "+")) }
    let digits = position
    skipDigits()
    guard position > digits else { throw expected("a digit in the exponent") }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private var isHexPrefix: Bool {
    position + 1 < bytes.count && bytes[position] == UInt8(ascii: "0")
      && bytes[position + 1] | 0x20 == UInt8(ascii: "x")
  }

  private mutating func parseHexNumber() throws(JSONError) -> UInt64 {
    let start = position
    position += 2
    guard next.flatMap(hexDigitValue) != nil else { throw expected("a hexadecimal digit") }
    var value: UInt64 = 0
    while let digit = next.flatMap(hexDigitValue) {
      guard value >> 60 == 0 else {
        throw fault(.number, "expected a hexadecimal number of at most 64 bits", at: start)
      }
      value = value << 4 | UInt64(digit)
      position += 1
    }
    return value
  }

  private mutating func skipDigits() {
    while let byte = next, isDigit(byte) { position += 1 }
  }

  private func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }
}
