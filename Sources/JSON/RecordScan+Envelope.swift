// The document around the records, and the elements around those that lie deeper.
extension RecordScan {
  /// Where an envelope is read: on the way of which stage, and in which object of all.
  struct Place {
    /// The stage whose array is looked for.
    let stage: Int
    /// The number of the object among all that were entered, by which its keys are told apart.
    let stamp: Int

    /// Whether this is the document itself.
    var isDocument: Bool { stage == 0 }
  }

  /// Reads a value around the records, and the records in it.
  mutating func scanEnvelope(
    _ start: Position, entry: Int32, _ place: Place
  ) throws(ScanFault) -> Position {
    let value: ScannedValue
    if entry == stages[place.stage].target {
      value = try scanTarget(start, place)
      foundRecords = true
    } else if start < limit, start.pointee == UInt8(ascii: "{"), matcher.hasChildren(entry) {
      value = ScannedValue(try scanEnvelopeObject(start, entry: entry, place), .object)
    } else {
      value = try scanPlain(start)
    }
    if place.isDocument {
      storeEnvelope(entry, start: start, value)
    } else {
      storeOuter(entry, start: start, value)
    }
    return value.end
  }

  /// A value in which no record lies.
  private mutating func scanPlain(_ start: Position) throws(ScanFault) -> ScannedValue {
    let value = try scanValue(start, entry: PathTable.none, depth: 0)
    try dropFlaw(start)
    forgetKeys()
    return value
  }

  private mutating func scanEnvelopeObject(
    _ start: Position, entry: Int32, _ place: Place
  ) throws(ScanFault) -> Position {
    var position = skipSpace(start + 1)
    if position < limit, position.pointee == UInt8(ascii: "}") { return position + 1 }
    while true {
      let key = try scanKey(position)
      try dropFlaw(position)
      let child = matcher.entry(of: key.text, below: entry)
      guard isFirst(child, place) else {
        throw ScanFault(position: position, expected: .uniqueKey)
      }
      position = skipSpace(try scanEnvelope(key.valueStart, entry: child, place))
      guard position < limit else { throw ScanFault(position: position, expected: .commaOrBrace) }
      switch position.pointee {
      case UInt8(ascii: ","): position = skipSpace(position + 1)
      case UInt8(ascii: "}"): return position + 1
      default: throw ScanFault(position: position, expected: .commaOrBrace)
      }
    }
  }

  /// Notes that a path was reached; false if it was reached before in the same object, which makes
  /// its meaning unclear.
  private mutating func isFirst(_ entry: Int32, _ place: Place) -> Bool {
    guard entry != PathTable.none else { return true }
    defer { lastSeen[Int(entry)] = place.stamp }
    return lastSeen[Int(entry)] != place.stamp
  }

  /// What spoils a record is no matter outside of the records, except bytes that are no text.
  private mutating func dropFlaw(_ start: Position) throws(ScanFault) {
    guard flaw != .invalidUTF8 else { throw ScanFault(position: start, expected: .validUTF8) }
    flaw = nil
  }

  // MARK: The records

  /// Reads what stands where the records, or the elements around them, should be.
  ///
  /// In the document that is an array. In an element it may also be one record, or nothing.
  private mutating func scanTarget(
    _ start: Position, _ place: Place
  ) throws(ScanFault) -> ScannedValue {
    guard start < limit else { throw ScanFault(position: start, expected: .value) }
    let isLast = place.stage == stages.count - 1
    switch start.pointee {
    case UInt8(ascii: "["):
      return ScannedValue(try scanElements(start, place, areRecords: isLast), .array)
    case UInt8(ascii: "{") where !place.isDocument && isLast:
      return ScannedValue(try scanRecord(start), .object)
    case UInt8(ascii: "n") where !place.isDocument:
      return try scanPlain(start)
    default:
      // A byte that begins no value is a broken grammar, not a wrong place for the records.
      _ = try scanValue(start, entry: PathTable.none, depth: 0)
      throw ScanFault(position: start, expected: .records)
    }
  }

  private mutating func scanElements(
    _ start: Position, _ place: Place, areRecords: Bool
  ) throws(ScanFault) -> Position {
    var position = skipSpace(start + 1)
    if position < limit, position.pointee == UInt8(ascii: "]") { return position + 1 }
    while true {
      let end = try areRecords ? scanRecord(position) : scanElement(position, place)
      position = skipSpace(end)
      guard position < limit else { throw ScanFault(position: position, expected: .commaOrBracket) }
      if position.pointee == UInt8(ascii: ",") {
        position = skipSpace(position + 1)
      } else if position.pointee == UInt8(ascii: "]") {
        flaw = nil
        return position + 1
      } else {
        throw ScanFault(position: position, expected: .commaOrBracket)
      }
    }
  }

  @inline(__always)
  private mutating func scanRecord(_ start: Position) throws(ScanFault) -> Position {
    let end = try readRecord(start)
    endRecord(start: start, end: end)
    guard recordCount <= RecordScanner.mostRecords else {
      throw ScanFault(position: start, expected: .fewerRecords)
    }
    flaw = nil
    return end
  }

  /// Reads an element in which records lie; another value than an object is a record that is none.
  private mutating func scanElement(
    _ start: Position, _ place: Place
  ) throws(ScanFault) -> Position {
    guard start < limit, start.pointee == UInt8(ascii: "{") else { return try scanRecord(start) }
    elements += 1
    let inner = Place(stage: place.stage + 1, stamp: elements)
    let isLast = inner.stage == stages.count - 1
    let firstRow = recordCount
    if isLast { forgetOuter() }
    let end = try scanEnvelopeObject(start, entry: stages[inner.stage].root, inner)
    if isLast { fillOuter(from: firstRow) }
    return end
  }
}
