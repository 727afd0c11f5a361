extension RecordScan {
  /// Reads a container nested too deep: flags the record, and checks the grammar without recursion.
  @inline(never)
  mutating func skipTooDeep(_ start: Position) throws(ScanFault) -> Position {
    flag(.tooDeep)
    var open = OpenContainers()
    var position = start
    repeat {
      position = try scanElement(position, &open)
      position = try closeContainers(position, &open)
    } while !open.isEmpty
    return position
  }

  /// Reads a scalar, an empty container, or all openings up to one of those.
  private mutating func scanElement(
    _ start: Position, _ open: inout OpenContainers
  ) throws(ScanFault) -> Position {
    var position = start
    while position < limit {
      let isObject = position.pointee == UInt8(ascii: "{")
      guard isObject || position.pointee == UInt8(ascii: "[") else {
        return try scanValue(position, entry: PathTable.none, depth: RecordScanner.depthLimit).end
      }
      open.push(isObject: isObject)
      position = skipSpace(position + 1)
      let closing = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
      if position < limit, position.pointee == closing { return position }
      if isObject { position = try scanKey(position).valueStart }
    }
    throw ScanFault(position: limit, expected: .value)
  }

  /// Reads closing brackets up to the next comma and what leads to the element after it.
  private mutating func closeContainers(
    _ start: Position, _ open: inout OpenContainers
  ) throws(ScanFault) -> Position {
    var position = start
    while !open.isEmpty {
      let inObject = open.lastIsObject
      position = skipSpace(position)
      guard position < limit else { throw fault(position, inObject) }
      switch position.pointee {
      case UInt8(ascii: ","):
        position = skipSpace(position + 1)
        return inObject ? try scanKey(position).valueStart : position
      case inObject ? UInt8(ascii: "}") : UInt8(ascii: "]"):
        open.pop()
        position += 1
      default:
        throw fault(position, inObject)
      }
    }
    return position
  }

  private func fault(_ position: Position, _ inObject: Bool) -> ScanFault {
    ScanFault(position: position, expected: inObject ? .commaOrBrace : .commaOrBracket)
  }
}

/// The kinds of the containers around a position, one bit each.
private struct OpenContainers {
  private var bits: [UInt64] = []
  private var count = 0

  var isEmpty: Bool { count == 0 }
  var lastIsObject: Bool { bits[(count - 1) >> 6] >> UInt64((count - 1) & 63) & 1 == 1 }

  mutating func push(isObject: Bool) {
    if count >> 6 == bits.count { bits.append(0) }
    let bit: UInt64 = 1 << UInt64(count & 63)
    if isObject { bits[count >> 6] |= bit } else { bits[count >> 6] &= ~bit }
    count += 1
  }

  mutating func pop() { count -= 1 }
}
