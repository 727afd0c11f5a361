/// A type whose arrays are arrays of PostgreSQL; for bytes, whose arrays are `bytea`.
public protocol PostgresArrayElement: SendableMetatype {
  /// The type of the array.
  static var postgresArrayType: PostgresType { get }
  /// Appends the array in binary form.
  static func encodeArray(
    _ elements: [Self], into bytes: inout ParameterBytes
  ) throws(PostgresError)
  /// The array that a field holds.
  static func decodeArray(_ field: borrowing Field) throws(FieldFault) -> [Self]
}

extension PostgresArrayElement where Self: PostgresCodable {
  /// Appends dimensions, type and elements.
  public static func encodeArray(
    _ elements: [Self], into bytes: inout ParameterBytes
  ) throws(PostgresError) {
    bytes.append(Int32(elements.isEmpty ? 0 : 1))
    bytes.append(Int32(elements.contains { $0.isNull } ? 1 : 0))
    bytes.append(postgresType.oid)
    guard !elements.isEmpty else { return }
    bytes.append(try ParameterBytes.length(elements.count))
    bytes.append(Int32(1))
    for element in elements {
      guard !element.isNull else {
        bytes.append(Int32(-1))
        continue
      }
      try bytes.appendCounted { bytes throws(PostgresError) in try element.encode(into: &bytes) }
    }
  }

  /// The elements of an array of at most one dimension.
  public static func decodeArray(_ field: borrowing Field) throws(FieldFault) -> [Self] {
    guard let elementType = PostgresType.element(of: field.type) else {
      throw field.mismatch(postgresArrayType)
    }
    guard !field.isText else { return try decodeTextArray(field, elementType) }
    var reader = BinaryArrayReader(field.bytes)
    let count = try reader.readHeader()
    var elements: [Self] = []
    elements.reserveCapacity(count)
    for _ in 0..<count {
      guard let bytes = try reader.readElement() else {
        elements.append(try decodeNull())
        continue
      }
      elements.append(try decode(Field(type: elementType, isText: false, bytes: bytes)))
    }
    return elements
  }

  private static func decodeTextArray(
    _ field: borrowing Field, _ elementType: PostgresType
  ) throws(FieldFault) -> [Self] {
    var reader = TextArrayReader(field.bytes)
    var elements: [Self] = []
    for element in try reader.elements() {
      guard let element else {
        elements.append(try decodeNull())
        continue
      }
      let result = element.withUnsafeBytes { bytes in
        Result { () throws(FieldFault) in
          try decode(Field(type: elementType, isText: true, bytes: bytes))
        }
      }
      elements.append(try result.get())
    }
    return elements
  }
}

extension PostgresArrayElement where Self: RawRepresentable, RawValue: PostgresArrayElement {
  /// The type of an array of raw values.
  public static var postgresArrayType: PostgresType { RawValue.postgresArrayType }
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
  /// The array type of the elements; `bytea` for bytes.
  public static var postgresType: PostgresType { Element.postgresArrayType }
  /// Appends the array in binary form.
  public func encode(into bytes: inout ParameterBytes) throws(PostgresError) {
    try Element.encodeArray(self, into: &bytes)
  }
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
  /// The elements of an array of at most one dimension; the bytes of a `bytea`.
  public static func decode(_ field: borrowing Field) throws(FieldFault) -> [Element] {
    try Element.decodeArray(field)
  }
}

extension Bool: PostgresArrayElement {
  /// The type `boolean[]`.
  public static var postgresArrayType: PostgresType { .boolArray }
}

extension Int16: PostgresArrayElement {
  /// The type `smallint[]`.
  public static var postgresArrayType: PostgresType { .int2Array }
}

extension Int32: PostgresArrayElement {
  /// The type `integer[]`.
  public static var postgresArrayType: PostgresType { .int4Array }
}

extension Int64: PostgresArrayElement {
  /// The type `bigint[]`.
  public static var postgresArrayType: PostgresType { .int8Array }
}

extension Int: PostgresArrayElement {
  /// The type `bigint[]`.
  public static var postgresArrayType: PostgresType { .int8Array }
}

extension Double: PostgresArrayElement {
  /// The type `double precision[]`.
  public static var postgresArrayType: PostgresType { .float8Array }
}

extension String: PostgresArrayElement {
  /// The type `text[]`.
  public static var postgresArrayType: PostgresType { .textArray }
}

extension Timestamp: PostgresArrayElement {
  /// The type `timestamptz[]`.
  public static var postgresArrayType: PostgresType { .timestamptzArray }
}

extension PostgresUUID: PostgresArrayElement {
  /// The type `uuid[]`.
  public static var postgresArrayType: PostgresType { .uuidArray }
}

extension Optional: PostgresArrayElement where Wrapped: PostgresArrayElement & PostgresCodable {
  /// The array type of what is wrapped; nil is a NULL element.
  public static var postgresArrayType: PostgresType { Wrapped.postgresArrayType }
}

extension Array: PostgresArrayElement where Element == UInt8 {
  /// The type `bytea[]`.
  public static var postgresArrayType: PostgresType { .byteaArray }
}

extension UInt8: PostgresArrayElement {
  /// The type `bytea`.
  public static var postgresArrayType: PostgresType { .bytea }

  /// Appends the bytes as they are.
  public static func encodeArray(_ elements: [UInt8], into bytes: inout ParameterBytes) {
    elements.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  /// The bytes of a `bytea`.
  public static func decodeArray(_ field: borrowing Field) throws(FieldFault) -> [UInt8] {
    guard field.type == .bytea else { throw field.mismatch(.bytea) }
    guard field.isText else { return [UInt8](field.bytes) }
    return try HexBytes(field.bytes).decoded()
  }
}
