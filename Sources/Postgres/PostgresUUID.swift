/// A `uuid`: 128 bits.
public struct PostgresUUID: Hashable, Sendable {
  /// The first eight bytes, as a number.
  public let high: UInt64
  /// The last eight bytes, as a number.
  public let low: UInt64

  /// A `uuid` from its two halves.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// A `uuid` from its usual form, 32 hexadecimal digits with or without hyphens; nil for others.
  public init?(_ text: String) {
    let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }
    guard digits.count == 32, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
      let high = UInt64(String(decoding: digits.prefix(16), as: UTF8.self), radix: 16),
      let low = UInt64(String(decoding: digits.suffix(16), as: UTF8.self), radix: 16)
    else { return nil }
    self.init(high: high, low: low)
  }
}

extension PostgresUUID: CustomStringConvertible {
  /// The usual form, in lower case with hyphens.
  public var description: String {
    let digits = [high, low].map { half in
      let text = String(half, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }.joined()
    var parts: [Substring] = []
    var rest = digits[...]
    for length in [8, 4, 4, 4, 12] {
      parts.append(rest.prefix(length))
      rest = rest.dropFirst(length)
    }
    return parts.joined(separator: "-")
  }
}

extension PostgresUUID: PostgresCodable {
  /// The type `uuid`.
  public static var postgresType: PostgresType { .uuid }

  /// Appends sixteen bytes.
  public func encode(into bytes: inout ParameterBytes) {
    bytes.append(high)
    bytes.append(low)
  }

  /// A `uuid`.
  public static func decode(_ field: borrowing Field) throws(FieldFault) -> PostgresUUID {
    guard field.type == .uuid else { throw field.mismatch(.uuid) }
    if field.isText {
      guard let value = PostgresUUID(try field.text()) else { throw .malformed }
      return value
    }
    guard field.bytes.count == 16 else { throw .malformed }
    return PostgresUUID(
      high: UInt64(bigEndian: field.bytes.loadUnaligned(as: UInt64.self)),
      low: UInt64(bigEndian: field.bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
  }
}
