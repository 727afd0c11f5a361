extension RecordScan {
  /// Reads any value; `depth` is the number of containers around it within its record.
  mutating func scanValue(
    _ start: Position, entry: Int32, depth: Int
  ) throws(ScanFault) -> ScannedValue {
    guard start < limit else { throw ScanFault(position: start, expected: .value) }
    switch start.pointee {
    case UInt8(ascii: "\""):
      return try scanString(start)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return ScannedValue(try scanNumber(start), .number)
    case UInt8(ascii: "{"):
      guard depth < RecordScanner.depthLimit else {
        return ScannedValue(try skipTooDeep(start), .object)
      }
      return ScannedValue(try scanObject(start, entry: entry, depth: depth + 1), .object)
    case UInt8(ascii: "["):
      guard depth < RecordScanner.depthLimit else {
        return ScannedValue(try skipTooDeep(start), .array)
      }
      return ScannedValue(try scanArray(start, depth: depth + 1), .array)
    default:
      return try scanLiteral(start)
    }
  }

  private mutating func scanObject(
    _ start: Position, entry: Int32, depth: Int
  ) throws(ScanFault) -> Position {
    var position = skipSpace(start + 1)
    if position < limit, position.pointee == UInt8(ascii: "}") { return position + 1 }
    var keys = ledger.open()
    while true {
      let key = try scanKey(position)
      if flaw == nil, !ledger.insert(key.text, into: &keys) { flaw = .duplicateKey }
      let child = matcher.entry(of: key.text, below: entry)
      let value = try scanValue(key.valueStart, entry: child, depth: depth)
      storeField(child, start: key.valueStart, value)
      position = skipSpace(value.end)
      guard position < limit else { throw ScanFault(position: position, expected: .commaOrBrace) }
      if position.pointee == UInt8(ascii: ",") {
        position = skipSpace(position + 1)
      } else if position.pointee == UInt8(ascii: "}") {
        ledger.close(keys)
        return position + 1
      } else {
        throw ScanFault(position: position, expected: .commaOrBrace)
      }
    }
  }

  private mutating func scanArray(_ start: Position, depth: Int) throws(ScanFault) -> Position {
    var position = skipSpace(start + 1)
    if position < limit, position.pointee == UInt8(ascii: "]") { return position + 1 }
    while true {
      position = skipSpace(try scanValue(position, entry: PathTable.none, depth: depth).end)
      guard position < limit else { throw ScanFault(position: position, expected: .commaOrBracket) }
      if position.pointee == UInt8(ascii: ",") {
        position = skipSpace(position + 1)
      } else if position.pointee == UInt8(ascii: "]") {
        return position + 1
      } else {
        throw ScanFault(position: position, expected: .commaOrBracket)
      }
    }
  }

  func scanLiteral(_ start: Position) throws(ScanFault) -> ScannedValue {
    let word: StaticString
    let kind: JSONSlice.Kind
    switch start.pointee {
    case UInt8(ascii: "t"): (word, kind) = ("true", .true)
    case UInt8(ascii: "f"): (word, kind) = ("false", .false)
    case UInt8(ascii: "n"): (word, kind) = ("null", .null)
    default: throw ScanFault(position: start, expected: .value)
    }
    let length = word.utf8CodeUnitCount
    for place in 1..<length {
      guard start + place < limit, start[place] == word.utf8Start[place] else {
        let cutOff = start + place >= limit
        throw ScanFault(position: cutOff ? limit : start, expected: .value)
      }
    }
    return ScannedValue(start + length, kind)
  }

  /// The first byte from here on that is not white space.
  @inline(__always)
  func skipSpace(_ start: Position) -> Position {
    var position = start
    while position < limit, position.pointee <= 0x20 {
      switch position.pointee {
      case 0x20, 0x0a, 0x0d, 0x09: position += 1
      default: return position
      }
    }
    return position
  }
}
