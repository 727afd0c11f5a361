/// A key that was read, and where its value begins.
struct MemberKey {
  let text: ScannedKey
  let valueStart: RecordScan.Position
}

extension RecordScan {
  /// Reads the string that begins with the quote at `start`.
  @inline(__always)
  mutating func scanString(_ start: Position) throws(ScanFault) -> ScannedValue {
    let stop = plainRun(start + 1)
    if stop < limit, stop.pointee == UInt8(ascii: "\"") { return ScannedValue(stop + 1, .string) }
    return try scanStringSlowly(stop)
  }

  /// Reads a key, its colon and the space around it.
  @inline(__always)
  mutating func scanKey(_ start: Position) throws(ScanFault) -> MemberKey {
    guard start < limit, start.pointee == UInt8(ascii: "\"") else {
      throw ScanFault(position: start, expected: .key)
    }
    let value = try scanString(start)
    let key =
      value.kind == .string
      ? ScannedKey(text: start + 1, count: value.end - start - 2, limit: limit)
      : unescapeKey(start + 1, value.end - 1)
    let colon = skipSpace(value.end)
    guard colon < limit, colon.pointee == UInt8(ascii: ":") else {
      throw ScanFault(position: colon, expected: .colon)
    }
    return MemberKey(text: key, valueStart: skipSpace(colon + 1))
  }

  /// The first byte that is a quote, a backslash, a control character or not ASCII; else the limit.
  @inline(__always)
  func plainRun(_ start: Position) -> Position {
    var position = start
    while limit - position >= 8 {
      let word = UInt64(
        littleEndian: UnsafeRawPointer(position).loadUnaligned(as: UInt64.self))
      let stops = Self.stops(in: word)
      if stops != 0 { return position + (stops.trailingZeroBitCount &>> 3) }
      position += 8
    }
    while position < limit, Self.isPlain(position.pointee) { position += 1 }
    return position
  }

  /// Eight bytes at once: the high bit of each that ends a plain run.
  ///
  /// A borrow may mark bytes above a true stop, never one below it: the lowest mark is right.
  @inline(__always)
  private static func stops(in word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quote = (word ^ (ones &* 0x22)) &- ones
    let backslash = (word ^ (ones &* 0x5c)) &- ones
    let control = word &- (ones &* 0x20)
    return (quote | backslash | control | word) & (ones &* 0x80)
  }

  @inline(__always)
  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  /// Reads on from the first byte of a string that is not plain.
  @inline(never)
  private mutating func scanStringSlowly(_ stop: Position) throws(ScanFault) -> ScannedValue {
    var position = stop
    var kind = JSONSlice.Kind.string
    while position < limit {
      switch position.pointee {
      case UInt8(ascii: "\""):
        return ScannedValue(position + 1, kind)
      case UInt8(ascii: "\\"):
        kind = .escapedString
        position = try scanEscape(position)
      case 0x80...:
        position = scanNonASCII(position)
      default:
        throw ScanFault(position: position, expected: .noControl)
      }
      position = plainRun(position)
    }
    throw ScanFault(position: limit, expected: .quote)
  }

  private mutating func scanNonASCII(_ start: Position) -> Position {
    var position = start
    while position < limit, position.pointee >= 0x80 {
      let length = UTF8Sequence.length(at: position, limit: limit)
      if length == 0 { flag(.invalidUTF8) }
      position += max(length, 1)
    }
    return position
  }

  private mutating func scanEscape(_ backslash: Position) throws(ScanFault) -> Position {
    let letter = backslash + 1
    guard letter < limit else { throw ScanFault(position: limit, expected: .escape) }
    switch letter.pointee {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return letter + 1
    case UInt8(ascii: "u"):
      return try scanUnicodeEscape(letter + 1)
    default:
      throw ScanFault(position: letter, expected: .escape)
    }
  }

  private mutating func scanUnicodeEscape(_ digits: Position) throws(ScanFault) -> Position {
    let unit = try hexUnit(digits)
    let next = digits + 4
    switch unit {
    case 0:
      flag(.nulCharacter)
    case 0xd800...0xdbff:
      guard limit - next >= 2, next[0] == UInt8(ascii: "\\"), next[1] == UInt8(ascii: "u") else {
        flag(.loneSurrogate)
        return next
      }
      guard try 0xdc00...0xdfff ~= hexUnit(next + 2) else {
        flag(.loneSurrogate)
        return next
      }
      return next + 6
    case 0xdc00...0xdfff:
      flag(.loneSurrogate)
    default:
      break
    }
    return next
  }

  private func hexUnit(_ digits: Position) throws(ScanFault) -> UInt16 {
    var unit: UInt16 = 0
    for place in 0..<4 {
      guard digits + place < limit, let value = hexDigitValue(digits[place]) else {
        throw ScanFault(position: min(digits + place, limit), expected: .hexDigit)
      }
      unit = unit << 4 | UInt16(value)
    }
    return unit
  }

  /// A key that was written with escapes, as it reads; kept until its record ends.
  private mutating func unescapeKey(_ start: Position, _ end: Position) -> ScannedKey {
    // The keys of a record that has a flaw no longer matter.
    guard flaw == nil else { return ScannedKey(text: start, count: 0, limit: limit) }
    let text = UnsafeMutablePointer<UInt8>.allocate(capacity: end - start)
    unescapedKeys.append(text)
    var count = 0
    let raw = UnsafeRawBufferPointer(start: start, count: end - start)
    // False at a lone surrogate, which has flagged the record by now.
    _ = JSONEscapes.unescape(raw) { byte in
      text[count] = byte
      count += 1
    }
    return ScannedKey(text: text, count: count, limit: text + count)
  }
}
