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
    let sign = bytes[start] == UInt8(ascii: "-") ? "-" : ""
    if isJSON5, isHexPrefix { return sign + String(try parseHexNumber()) }
    let digits = position
    let parts = try scanDecimal()
    // Only JSON5 may leave digits out on a side of the point, or write a plus.
    if parts.isComplete, bytes[start] != UInt8(ascii: "+") {
      return text(from: start, to: position)
    }
    return sign + completed(parts, from: digits)
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

  /// Where the parts of a number end that begins at the position.
  private struct DecimalParts {
    var wholeEnd: Int
    var fractionEnd: Int
    var isComplete: Bool
  }

  private mutating func scanDecimal() throws(JSONError) -> DecimalParts {
    let start = position
    skipDigits()
    let wholeEnd = position
    if wholeEnd - start > 1, bytes[start] == UInt8(ascii: "0") {
      throw fault(.grammar, "expected no digit after a leading 0", at: start + 1)
    }
    var isComplete = wholeEnd > start
    if take(UInt8(ascii: ".")) {
      skipDigits()
      let hasFraction = position > wholeEnd + 1
      guard hasFraction || (isJSON5 && isComplete) else {
        throw expected("a digit after the point")
      }
      isComplete = isComplete && hasFraction
    }
    let fractionEnd = position
    try scanExponent()
    return DecimalParts(wholeEnd: wholeEnd, fractionEnd: fractionEnd, isComplete: isComplete)
  }

  private mutating func scanExponent() throws(JSONError) {
    guard let letter = next, letter | 0x20 == UInt8(ascii: "e") else { return }
    position += 1
    if !take(UInt8(ascii: "-")) { _ = take(UInt8(ascii: "+")) }
    let digits = position
    skipDigits()
    guard position > digits else { throw expected("a digit in the exponent") }
  }

  /// The number as JSON writes it, with a zero before a leading point and no point that ends it.
  private func completed(_ parts: DecimalParts, from start: Int) -> String {
    let whole = start == parts.wholeEnd ? "0" : text(from: start, to: parts.wholeEnd)
    let hasFraction = parts.fractionEnd > parts.wholeEnd + 1
    let fraction = hasFraction ? text(from: parts.wholeEnd, to: parts.fractionEnd) : ""
    return whole + fraction + text(from: parts.fractionEnd, to: position)
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
