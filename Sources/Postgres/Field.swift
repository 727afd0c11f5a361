/// One value of a row as the server sent it; its bytes live as long as the call that receives it.
public struct Field: ~Copyable {
  /// The type of the column, or of the array's element.
  public let type: PostgresType
  /// Whether the bytes are PostgreSQL's text form rather than its binary one.
  public let isText: Bool
  /// The bytes of the value.
  public let bytes: UnsafeRawBufferPointer

  /// The text of the value where it is in text form.
  func text() throws(FieldFault) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed }
    return text
  }

  func mismatch(_ expected: PostgresType) -> FieldFault {
    .mismatch(expected: expected, found: type)
  }
}

/// Why a field could not be read.
public enum FieldFault: Error, Hashable, Sendable {
  /// NULL where a value is needed.
  case null
  /// A column of another type.
  case mismatch(expected: PostgresType, found: PostgresType)
  /// Bytes that are not a value of the type.
  case malformed
  /// A number too large for the type that it is read into.
  case outOfRange

  /// What is said of the column in the error.
  var sentence: String {
    switch self {
    case .null: "is NULL; read it as an optional"
    case .mismatch(let expected, let found):
      "is \(found), not \(expected); cast it in SQL or read it as what it is"
    case .malformed: "does not hold a value of its type"
    case .outOfRange: "holds a number too large for the type it is read into"
    }
  }
}
