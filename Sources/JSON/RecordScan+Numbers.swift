/// Which numbers can be stored.
///
/// PostgreSQL's numeric holds 131,072 digits before the point and 16,383 after it; ours are round
/// figures below. Digits are counted as written, moved by the exponent, leading zeros included.
enum NumberLimit {
  static let digitsBeforePoint = 130_000
  static let digitsAfterPoint = 16_000
}

extension RecordScan {
  /// Reads a number and flags what cannot be stored.
  @inline(__always)
  mutating func scanNumber(_ start: Position) throws(ScanFault) -> Position {
    let whole = start.pointee == UInt8(ascii: "-") ? start + 1 : start
    guard whole < limit, isDigit(whole.pointee) else {
      throw ScanFault(position: whole, expected: .digit)
    }
    // After a leading zero no digit may follow; a second one is then not part of the number.
    var position = whole.pointee == UInt8(ascii: "0") ? whole + 1 : skipDigits(whole)
    let wholeEnd = position
    if position < limit, position.pointee == UInt8(ascii: ".") {
      position = try scanDigits(position + 1)
    }
    if position < limit, position.pointee | 0x20 == UInt8(ascii: "e") {
      return try scanExponent(position, whole: wholeEnd - whole, fraction: position - wholeEnd)
    }
    if position - start > NumberLimit.digitsAfterPoint {
      judge(whole: wholeEnd - whole, fraction: position - wholeEnd, exponent: 0)
    }
    return position
  }

  /// Reads an exponent; `fraction` counts the point as well, if there is one.
  @inline(never)
  private mutating func scanExponent(
    _ letter: Position, whole: Int, fraction: Int
  ) throws(ScanFault) -> Position {
    var digits = letter + 1
    var negative = false
    if digits < limit, digits.pointee == UInt8(ascii: "-") || digits.pointee == UInt8(ascii: "+") {
      negative = digits.pointee == UInt8(ascii: "-")
      digits += 1
    }
    let end = try scanDigits(digits)
    var exponent = 0
    // Beyond a million every exponent is too large, whatever the digits before it are worth.
    for place in 0..<(end - digits) where exponent < 1_000_000 {
      exponent = exponent * 10 + Int(digits[place] - UInt8(ascii: "0"))
    }
    judge(whole: whole, fraction: fraction, exponent: negative ? -exponent : exponent)
    return end
  }

  private mutating func judge(whole: Int, fraction: Int, exponent: Int) {
    let before = whole + exponent
    let after = max(fraction - 1, 0) - exponent
    if before > NumberLimit.digitsBeforePoint || after > NumberLimit.digitsAfterPoint {
      flag(.numberOutOfRange)
    }
  }

  @inline(__always)
  private func scanDigits(_ start: Position) throws(ScanFault) -> Position {
    let end = skipDigits(start)
    guard end > start else { throw ScanFault(position: start, expected: .digit) }
    return end
  }

  @inline(__always)
  private func skipDigits(_ start: Position) -> Position {
    var position = start
    while position < limit, isDigit(position.pointee) { position += 1 }
    return position
  }

  @inline(__always)
  private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}
