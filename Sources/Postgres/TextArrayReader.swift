/// Reads PostgreSQL's text form of an array of one dimension: `{1,NULL,"a \"b\""}`.
struct TextArrayReader {
  private let bytes: UnsafeRawBufferPointer
  private var index = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// The bytes of each element, nil for NULL.
  mutating func elements() throws(FieldFault) -> [[UInt8]?] {
    skipBounds()
    guard next() == UInt8(ascii: "{") else { throw .malformed }
    var elements: [[UInt8]?] = []
    if peek == UInt8(ascii: "}") {
      index += 1
    } else {
      repeat { elements.append(try element()) } while try isFollowedByElement()
    }
    guard index == bytes.count else { throw .malformed }
    return elements
  }

  /// Where the lowest index is not 1, the bounds stand in front: `[0:2]={…}`.
  private mutating func skipBounds() {
    guard peek == UInt8(ascii: "["), let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else {
      return
    }
    index = equals + 1
  }

  private mutating func element() throws(FieldFault) -> [UInt8]? {
    if peek == UInt8(ascii: "\"") { return try quoted() }
    var element: [UInt8] = []
    while let byte = peek, byte != UInt8(ascii: ","), byte != UInt8(ascii: "}") {
      guard byte != UInt8(ascii: "{") else { throw .malformed }
      index += 1
      element.append(byte == UInt8(ascii: "\\") ? try required() : byte)
    }
    return element.elementsEqual("NULL".utf8) ? nil : element
  }

  private mutating func quoted() throws(FieldFault) -> [UInt8] {
    index += 1
    var element: [UInt8] = []
    while true {
      switch try required() {
      case UInt8(ascii: "\""): return element
      case UInt8(ascii: "\\"): element.append(try required())
      case let byte: element.append(byte)
      }
    }
  }

  private mutating func isFollowedByElement() throws(FieldFault) -> Bool {
    switch try required() {
    case UInt8(ascii: ","): return true
    case UInt8(ascii: "}"): return false
    default: throw .malformed
    }
  }

  private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func next() -> UInt8? {
    defer { index += 1 }
    return peek
  }

  private mutating func required() throws(FieldFault) -> UInt8 {
    guard let byte = next() else { throw .malformed }
    return byte
  }
}
