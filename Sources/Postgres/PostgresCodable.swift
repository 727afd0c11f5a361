/// A value that can be a parameter, in PostgreSQL's binary form.
public protocol PostgresEncodable: SendableMetatype {
  /// The type under which the server receives it.
  static var postgresType: PostgresType { get }
  /// Whether the value is NULL.
  var isNull: Bool { get }
  /// Appends the value's bytes; not called for NULL.
  func encode(into bytes: inout ParameterBytes) throws(PostgresError)
}

/// A value that can be read from a column.
public protocol PostgresDecodable: SendableMetatype {
  /// The value of a field that is not NULL.
  static func decode(_ field: borrowing Field) throws(FieldFault) -> Self
  /// The value that stands for NULL; throws where there is none.
  static func decodeNull() throws(FieldFault) -> Self
}

/// A value that goes both ways.
public typealias PostgresCodable = PostgresEncodable & PostgresDecodable

extension PostgresEncodable {
  /// False, but for optionals.
  public var isNull: Bool { false }
}

extension PostgresDecodable {
  /// Throws: most types have no value for NULL.
  public static func decodeNull() throws(FieldFault) -> Self { throw .null }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
  /// The type of what is wrapped.
  public static var postgresType: PostgresType { Wrapped.postgresType }
  /// Whether nothing is wrapped.
  public var isNull: Bool { self?.isNull ?? true }
  /// Appends the bytes of what is wrapped.
  public func encode(into bytes: inout ParameterBytes) throws(PostgresError) {
    try self?.encode(into: &bytes)
  }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
  /// What is wrapped.
  public static func decode(_ field: borrowing Field) throws(FieldFault) -> Wrapped? {
    try Wrapped.decode(field)
  }
  /// Nil.
  public static func decodeNull() -> Wrapped? { nil }
}

extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
  /// The type of the raw value.
  public static var postgresType: PostgresType { RawValue.postgresType }
  /// Whether the raw value is NULL.
  public var isNull: Bool { rawValue.isNull }
  /// Appends the bytes of the raw value.
  public func encode(into bytes: inout ParameterBytes) throws(PostgresError) {
    try rawValue.encode(into: &bytes)
  }
}

extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
  /// The value of this raw value; malformed where there is none.
  public static func decode(_ field: borrowing Field) throws(FieldFault) -> Self {
    guard let value = Self(rawValue: try RawValue.decode(field)) else { throw .malformed }
    return value
  }
}
