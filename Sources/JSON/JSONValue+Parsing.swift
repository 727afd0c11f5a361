extension JSONValue {
  /// How a text is written.
  public enum Dialect: Sendable {
    /// RFC 8259, for machines.
    case json
    /// JSON5, for people: comments, trailing commas, unquoted keys, single quotes and more.
    case json5
  }

  /// The deepest nesting that is read.
  static let depthLimit = 128

  /// The value of a whole text; the error names line, column and what was expected.
  ///
  /// A key that occurs twice in an object is refused, and so is nesting beyond 128 levels.
  public static func parse(
    _ bytes: UnsafeRawBufferPointer, dialect: Dialect = .json
  ) throws(JSONError) -> JSONValue {
    var parser = JSONParser(bytes, dialect)
    return try parser.parseDocument()
  }

  /// The value of a whole text; the error names line, column and what was expected.
  public static func parse(
    _ bytes: [UInt8], dialect: Dialect = .json
  ) throws(JSONError) -> JSONValue {
    try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in
      try parse(UnsafeRawBufferPointer(bytes), dialect: dialect)
    }
  }

  /// The value of a whole text; the error names line, column and what was expected.
  public static func parse(
    _ text: String, dialect: Dialect = .json
  ) throws(JSONError) -> JSONValue {
    try parse(Array(text.utf8), dialect: dialect)
  }
}
