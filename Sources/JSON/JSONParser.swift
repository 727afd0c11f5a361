/// Reads a text into values, in either dialect.
struct JSONParser {
  let bytes: UnsafeRawBufferPointer
  let dialect: JSONValue.Dialect
  var position = 0
  private var depth = 0

  init(_ bytes: UnsafeRawBufferPointer, _ dialect: JSONValue.Dialect) {
    self.bytes = bytes
    self.dialect = dialect
  }

  /// The byte at the position; nil at the end.
  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  var isJSON5: Bool { dialect == .json5 }

  mutating func parseDocument() throws(JSONError) -> JSONValue {
    try checkEncoding()
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
    try skipSpace()
    let value = try parseValue()
    try skipSpace()
    guard next == nil else { throw expected("nothing after the value") }
    return value
  }

  private mutating func parseValue() throws(JSONError) -> JSONValue {
    switch next {
    case UInt8(ascii: "{"):
      return try nested { (parser) throws(JSONError) in try parser.parseObject() }
    case UInt8(ascii: "["):
      return try nested { (parser) throws(JSONError) in try parser.parseArray() }
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "'") where isJSON5: return .string(try parseString())
    case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
    case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
    case UInt8(ascii: "n"): return try parseWord("null", .null)
    default: return .number(try parseNumber())
    }
  }

  private mutating func nested(
    _ parse: (inout JSONParser) throws(JSONError) -> JSONValue
  ) throws(JSONError) -> JSONValue {
    guard depth < JSONValue.depthLimit else {
      throw fault(.tooDeep, "expected at most \(JSONValue.depthLimit) levels of nesting, got more")
    }
    depth += 1
    position += 1
    let value = try parse(&self)
    depth -= 1
    return value
  }

  private mutating func parseObject() throws(JSONError) -> JSONValue {
    var object = JSONObject()
    try skipSpace()
    var mayEnd = true
    while !mayEnd || next != UInt8(ascii: "}") {
      let keyStart = position
      let key = try parseKey()
      try skipSpace()
      guard take(UInt8(ascii: ":")) else { throw expected("\":\" after the key \"\(key)\"") }
      try skipSpace()
      let value = try parseValue()
      guard object.insert(key, value) else {
        throw fault(
          .duplicateKey, "expected each key once in an object, got \"\(key)\" again", at: keyStart)
      }
      try skipSpace()
      guard next != UInt8(ascii: "}") else { break }
      guard take(UInt8(ascii: ",")) else { throw expected("\",\" or \"}\" after a member") }
      try skipSpace()
      mayEnd = isJSON5
    }
    position += 1
    return .object(object)
  }

  private mutating func parseArray() throws(JSONError) -> JSONValue {
    var elements: [JSONValue] = []
    try skipSpace()
    var mayEnd = true
    while !mayEnd || next != UInt8(ascii: "]") {
      elements.append(try parseValue())
      try skipSpace()
      guard next != UInt8(ascii: "]") else { break }
      guard take(UInt8(ascii: ",")) else { throw expected("\",\" or \"]\" after an element") }
      try skipSpace()
      mayEnd = isJSON5
    }
    position += 1
    return .array(elements)
  }

  private mutating func parseWord(
    _ word: StaticString, _ value: JSONValue
  ) throws(JSONError) -> JSONValue {
    let start = position
    for place in 0..<word.utf8CodeUnitCount {
      guard next == word.utf8Start[place] else {
        if next != nil { position = start }
        throw expected("a value")
      }
      position += 1
    }
    return value
  }

  /// Steps over a byte if it is the next one.
  mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  private func checkEncoding() throws(JSONError) {
    guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
    var place = 0
    while place < bytes.count {
      if start[place] < 0x80 {
        place += 1
      } else {
        let length = UTF8Sequence.length(at: start + place, limit: start + bytes.count)
        guard length > 0 else {
          throw fault(
            .encoding, "expected UTF-8, got \(ScanFault.describe(start[place]))", at: place)
        }
        place += length
      }
    }
  }
}

extension JSONParser {
  /// The error of something missing at the position.
  func expected(_ words: String) -> JSONError {
    guard position < bytes.count else {
      return fault(.cutOff, "expected \(words), got the end of the text")
    }
    return fault(.grammar, "expected \(words), got \(found)")
  }

  /// An error at a place, or at the position.
  func fault(_ reason: JSONError.Reason, _ message: String, at place: Int? = nil) -> JSONError {
    let offset = place ?? position
    let before = bytes[..<min(offset, bytes.count)]
    let lineStart = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
    let line = before.count { $0 == 0x0a } + 1
    return JSONError(
      reason, offset: offset, place: .init(line: line, column: offset - lineStart + 1),
      message: message)
  }

  /// What stands at the position, in words.
  private var found: String {
    let byte = bytes[position]
    guard byte >= 0x80 else { return ScanFault.describe(byte) }
    let character = String(decoding: bytes[position...].prefix(16), as: UTF8.self).first
    return character.map { "\"\($0)\"" } ?? ScanFault.describe(byte)
  }
}
