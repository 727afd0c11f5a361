/// An exact decimal number: a whole number of units of `10^-scale`; never a Double.
///
/// It holds what 128 bits hold, 38 digits; every operation that would need more answers nil.
public struct Amount: Hashable, Sendable {
  /// The largest number of digits after the point.
  public static let maximumScale = 30

  /// The number without its point.
  public private(set) var units: Int128
  /// How many of its digits stand after the point.
  public private(set) var scale: Int

  /// Nothing.
  public static let zero = Amount(units: 0, scale: 0)

  /// A number of units of `10^-scale`.
  public init(units: Int128, scale: Int) {
    self.units = units
    self.scale = scale
  }

  /// The number as JSON or a source writes it: sign, digits, point, exponent; nil for any other
  /// text and for what 38 digits do not hold.
  public init?(_ text: UnsafeRawBufferPointer) {
    var reader = DecimalReader(text)
    guard let parsed = reader.read() else { return nil }
    self = parsed
  }

  /// The number of a text, as for bytes.
  public init?(_ text: String) {
    var copy = text
    guard let parsed = copy.withUTF8({ Amount(UnsafeRawBufferPointer($0)) }) else { return nil }
    self = parsed
  }

  /// The sum at the finer of both scales; nil when it does not fit.
  public func adding(_ other: Amount) -> Amount? {
    let finer = max(scale, other.scale)
    guard let left = rescaled(to: finer), let right = other.rescaled(to: finer) else { return nil }
    let sum = left.units.addingReportingOverflow(right.units)
    return sum.overflow ? nil : Amount(units: sum.partialValue, scale: finer)
  }

  /// The number with the other sign.
  public var negated: Amount { Amount(units: 0 &- units, scale: scale) }

  /// The number with its point moved to the left, as cents become units; nil when it gets too fine.
  public func shifted(by places: Int) -> Amount? {
    let finer = scale + places
    return finer <= Self.maximumScale ? Amount(units: units, scale: finer) : nil
  }

  private func rescaled(to finer: Int) -> Amount? {
    var result = units
    for _ in scale..<finer {
      let product = result.multipliedReportingOverflow(by: 10)
      if product.overflow { return nil }
      result = product.partialValue
    }
    return Amount(units: result, scale: finer)
  }
}

extension Amount: CustomStringConvertible {
  /// The number in plain digits, with as many after the point as its scale says: `-12.50`.
  public var description: String {
    guard scale > 0 else { return String(units) }
    var digits = String(units.magnitude)
    if digits.utf8.count <= scale {
      digits = String(repeating: "0", count: scale + 1 - digits.utf8.count) + digits
    }
    let point = digits.index(digits.endIndex, offsetBy: -scale)
    return (units < 0 ? "-" : "") + digits[..<point] + "." + digits[point...]
  }
}

/// Reads one decimal number out of bytes, all of them.
private struct DecimalReader {
  private let text: UnsafeRawBufferPointer
  private var position = 0

  init(_ text: UnsafeRawBufferPointer) {
    self.text = text
  }

  mutating func read() -> Amount? {
    let negative = skip(UInt8(ascii: "-"))
    if !negative { _ = skip(UInt8(ascii: "+")) }
    var units: Int128 = 0
    guard let whole = digits(into: &units) else { return nil }
    var fraction = 0
    if skip(UInt8(ascii: ".")) {
      guard let read = digits(into: &units), read > 0 else { return nil }
      fraction = read
    }
    guard whole + fraction > 0, let exponent = exponent(), position == text.count else {
      return nil
    }
    return scaled(negative ? 0 - units : units, by: fraction - exponent)
  }

  /// How many digits there were; nil when the number grew too large.
  private mutating func digits(into units: inout Int128) -> Int? {
    let start = position
    // 18 digits fit 64 bits, in which most amounts are read.
    var small: Int64 = 0
    while position < text.count, position - start < 18, let digit = digit() {
      small = small &* 10 &+ digit
      position += 1
    }
    guard units != 0 || position - start == 18 else {
      units = Int128(small)
      return position - start
    }
    position = start
    while position < text.count, let digit = digit() {
      let product = units.multipliedReportingOverflow(by: 10)
      let sum = product.partialValue.addingReportingOverflow(Int128(digit))
      if product.overflow || sum.overflow { return nil }
      units = sum.partialValue
      position += 1
    }
    return position - start
  }

  private func digit() -> Int64? {
    let byte = text[position]
    return byte >= 48 && byte <= 57 ? Int64(byte - 48) : nil
  }

  private mutating func exponent() -> Int? {
    guard skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) else { return 0 }
    let negative = skip(UInt8(ascii: "-"))
    if !negative { _ = skip(UInt8(ascii: "+")) }
    var value: Int128 = 0
    guard let count = digits(into: &value), count > 0, value <= 100 else { return nil }
    return negative ? -Int(value) : Int(value)
  }

  private func scaled(_ units: Int128, by scale: Int) -> Amount? {
    if units == 0 { return Amount(units: 0, scale: min(max(scale, 0), Amount.maximumScale)) }
    guard scale < 0 else {
      return scale <= Amount.maximumScale ? Amount(units: units, scale: scale) : nil
    }
    var result = units
    for _ in 0..<(0 - scale) {
      let product = result.multipliedReportingOverflow(by: 10)
      if product.overflow { return nil }
      result = product.partialValue
    }
    return Amount(units: result, scale: 0)
  }

  private mutating func skip(_ byte: UInt8) -> Bool {
    guard position < text.count, text[position] == byte else { return false }
    position += 1
    return true
  }
}
