extension Bool: PostgresCodable {
  /// The type `boolean`.
  public static var postgresType: PostgresType { .bool }
  /// Appends one byte.
  public func encode(into bytes: inout ParameterBytes) {
    bytes.append(UInt8(self ? 1 : 0))
  }
  /// A `boolean`.
  public static func decode(_ field: borrowing Field) throws(FieldFault) -> Bool {
    guard field.type == .bool else { throw field.mismatch(.bool) }
    guard field.bytes.count == 1 else { throw .malformed }
    return field.bytes[0] == (field.isText ? UInt8(ascii: "t") : 1)
  }
}

extension Int16: PostgresCodable {
  /// The type `smallint`.
  public static var postgresType: PostgresType { .int2 }
  /// Appends two bytes.
  public func encode(into bytes: inout ParameterBytes) {
    bytes.append(self)
  }
  /// A `smallint`.
  public static func decode(_ field: borrowing Field) throws(FieldFault) -> Int16 {
    try field.integer()
  }
}

extension Int32: PostgresCodable {
  /// The type `integer`.
  public static var postgresType: PostgresType { .int4 }
  /// Appends four bytes.
  public func encode(into bytes: inout ParameterBytes) {
    bytes.append(self)
  }
  /// An integer of at most four bytes.
  public static func decode(_ field: borrowing Field) throws(FieldFault) -> Int32 {
    try field.integer()
  }
}

extension Int64: PostgresCodable {
  /// The type `bigint`.
  public static var postgresType: PostgresType { .int8 }
  /// Appends eight bytes.
  public func encode(into bytes: inout ParameterBytes) {
    bytes.append(self)
  }
  /// An integer of at most eight bytes.
  public static func decode(_ field: borrowing Field) throws(FieldFault) -> Int64 {
    try field.integer()
  }
}

extension Int: PostgresCodable {
  /// The type `bigint`.
  public static var postgresType: PostgresType { .int8 }
  /// Appends eight bytes.
  public func encode(into bytes: inout ParameterBytes) {
    bytes.append(Int64(self))
  }
  /// An integer of at most eight bytes.
  public static func decode(_ field: borrowing Field) throws(FieldFault) -> Int {
    try field.integer()
  }
}

extension Double: PostgresCodable {
  /// The type `double precision`.
  public static var postgresType: PostgresType { .float8 }
  /// Appends eight bytes.
  public func encode(into bytes: inout ParameterBytes) {
    bytes.append(bitPattern)
  }
  /// A `double precision` or `real`.
  public static func decode(_ field: borrowing Field) throws(FieldFault) -> Double {
    guard field.type == .float8 || field.type == .float4 else { throw field.mismatch(.float8) }
    if field.isText {
      guard let value = Double(try field.text()) else { throw .malformed }
      return value
    }
    if field.type == .float4 { return Double(Float(bitPattern: try field.bigEndian())) }
    return Double(bitPattern: try field.bigEndian())
  }
}

extension String: PostgresCodable {
  /// The type `text`.
  public static var postgresType: PostgresType { .text }
  /// Appends the text as UTF-8; throws where it holds a NUL.
  public func encode(into bytes: inout ParameterBytes) throws(PostgresError) {
    try bytes.append(self)
  }
  /// Any text or JSON; in text form any type.
  public static func decode(_ field: borrowing Field) throws(FieldFault) -> String {
    if field.isText || textual.contains(field.type) { return try field.text() }
    guard field.type == .jsonb else { throw field.mismatch(.text) }
    // The binary form of jsonb is a version byte before the text.
    guard field.bytes.first == 1 else { throw .malformed }
    let text = UnsafeRawBufferPointer(rebasing: field.bytes.dropFirst())
    return try Field(type: .json, isText: false, bytes: text).text()
  }

  private static let textual: Set<PostgresType> = [
    .text, .varchar, .bpchar, .name, .json, .xml, .unknown,
  ]
}

extension Field {
  /// The bytes as one number, its highest byte first; malformed where there are more or fewer.
  func bigEndian<Number: FixedWidthInteger>() throws(FieldFault) -> Number {
    guard bytes.count == MemoryLayout<Number>.size else { throw .malformed }
    return Number(bigEndian: bytes.loadUnaligned(as: Number.self))
  }

  /// An integer of any width that fits.
  func integer<Number: FixedWidthInteger>() throws(FieldFault) -> Number {
    let wide: Int64
    switch type {
    case .int2, .int4, .int8, .oid:
      if isText {
        guard let number = Int64(try text()) else { throw .malformed }
        wide = number
      } else {
        wide = try binaryInteger()
      }
    default: throw mismatch(Number.bitWidth == 64 ? .int8 : Number.bitWidth == 32 ? .int4 : .int2)
    }
    guard let number = Number(exactly: wide) else { throw .outOfRange }
    return number
  }

  private func binaryInteger() throws(FieldFault) -> Int64 {
    switch type {
    case .int2: return Int64(try bigEndian() as Int16)
    case .int4: return Int64(try bigEndian() as Int32)
    case .oid: return Int64(try bigEndian() as UInt32)
    default: return try bigEndian()
    }
  }
}
