extension JSONValue {
  /// The value as JSON text without white space, members in their order, numbers as they are.
  public func encoded() -> String {
    var writer = JSONWriter(indent: nil)
    writer.write(self)
    return String(decoding: writer.text, as: UTF8.self)
  }

  /// The value as JSON text for people: each member and element on a line, indented by so many spaces.
  public func encoded(indent: Int) -> String {
    var writer = JSONWriter(indent: indent)
    writer.write(self)
    return String(decoding: writer.text, as: UTF8.self)
  }

  /// The bytes in which two values agree exactly when they mean the same.
  ///
  /// Keys are sorted by their bytes, numbers written as an exact decimal (1.10, 1.1 and 11e-1
  /// alike), and there is no white space.
  public func canonical() -> [UInt8] {
    var writer = JSONWriter(indent: nil, isCanonical: true)
    writer.write(self)
    return writer.text
  }
}

/// Writes values as JSON text.
private struct JSONWriter {
  private(set) var text: [UInt8] = []
  private let indent: Int?
  private let isCanonical: Bool
  private var depth = 0

  init(indent: Int?, isCanonical: Bool = false) {
    self.indent = indent
    self.isCanonical = isCanonical
  }

  mutating func write(_ value: JSONValue) {
    switch value {
    case .null: text += "null".utf8
    case .bool(let value): text += (value ? "true" : "false").utf8
    case .number(let number): text += (isCanonical ? canonicalNumber(number) : number).utf8
    case .string(let string): write(string)
    case .array(let elements): write(elements)
    case .object(let object): write(object)
    }
  }

  private mutating func write(_ elements: [JSONValue]) {
    text.append(UInt8(ascii: "["))
    depth += 1
    for (place, element) in elements.enumerated() {
      beginItem(isFirst: place == 0)
      write(element)
    }
    endItems(isEmpty: elements.isEmpty)
    text.append(UInt8(ascii: "]"))
  }

  private mutating func write(_ object: JSONObject) {
    text.append(UInt8(ascii: "{"))
    depth += 1
    let members =
      isCanonical
      ? object.members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      : object.members
    for (place, member) in members.enumerated() {
      beginItem(isFirst: place == 0)
      write(member.key)
      text.append(UInt8(ascii: ":"))
      if indent != nil { text.append(UInt8(ascii: " ")) }
      write(member.value)
    }
    endItems(isEmpty: object.isEmpty)
    text.append(UInt8(ascii: "}"))
  }

  private mutating func beginItem(isFirst: Bool) {
    if !isFirst { text.append(UInt8(ascii: ",")) }
    breakLine()
  }

  private mutating func endItems(isEmpty: Bool) {
    depth -= 1
    if !isEmpty { breakLine() }
  }

  private mutating func breakLine() {
    guard let indent else { return }
    text.append(UInt8(ascii: "\n"))
    text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * indent))
  }

  private mutating func write(_ string: String) {
    text.append(UInt8(ascii: "\""))
    let isPlain = string.utf8.allSatisfy {
      $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
    }
    if isPlain {
      text += string.utf8
    } else {
      for byte in string.utf8 { write(byte) }
    }
    text.append(UInt8(ascii: "\""))
  }

  private mutating func write(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): text += "\\\"".utf8
    case UInt8(ascii: "\\"): text += "\\\\".utf8
    case 0x08: text += "\\b".utf8
    case 0x0c: text += "\\f".utf8
    case 0x0a: text += "\\n".utf8
    case 0x0d: text += "\\r".utf8
    case 0x09: text += "\\t".utf8
    case 0..<0x20: text += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
    default: text.append(byte)
    }
  }
}
