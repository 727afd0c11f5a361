/// Measures added up by name, day and currency.
public struct MeasureSums: Sendable {
  /// One sum.
  public struct Sum: Sendable {
    /// The index of the measure in the stream's definition.
    public let measure: Int
    /// The day in the stream's zone.
    public let day: CivilDate
    /// The currency.
    public let currency: CurrencyCode
    /// The signed sum.
    public var amount: Amount
    /// How many records were added.
    public var records: Int
  }

  /// The sums, in the order of their first record.
  public private(set) var sums: [Sum] = []
  /// Whether every amount fitted; otherwise the sums say nothing.
  public private(set) var isExact = true
  private var last = 0

  /// No sums.
  public init() {}

  /// Adds the amount of one record.
  public mutating func add(_ amount: Amount, measure: Int, day: CivilDate, currency: CurrencyCode) {
    let index = find(measure, day, currency)
    guard let sum = sums[index].amount.adding(amount) else {
      isExact = false
      return
    }
    sums[index].amount = sum
    sums[index].records += 1
  }

  /// Records of one page mostly add to the sum that the record before added to.
  private mutating func find(_ measure: Int, _ day: CivilDate, _ currency: CurrencyCode) -> Int {
    func matches(_ sum: Sum) -> Bool {
      sum.measure == measure && sum.day == day && sum.currency == currency
    }
    if last < sums.count, matches(sums[last]) { return last }
    if let known = sums.firstIndex(where: matches) {
      last = known
    } else {
      last = sums.count
      sums.append(
        Sum(measure: measure, day: day, currency: currency, amount: .zero, records: 0))
    }
    return last
  }
}

/// A currency or another unit: one to eight letters or digits, in upper case.
public struct CurrencyCode: Hashable, Sendable, CustomStringConvertible {
  /// The characters, the first in the highest byte that is used.
  private let packed: UInt64

  /// The code of a text, put into upper case; nil when it is none.
  public init?(_ text: UnsafeRawBufferPointer) {
    guard 1...8 ~= text.count else { return nil }
    var packed: UInt64 = 0
    for byte in text {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        packed = packed << 8 | UInt64(byte)
      case UInt8(ascii: "a")...UInt8(ascii: "z"): packed = packed << 8 | UInt64(byte - 32)
      default: return nil
      }
    }
    self.packed = packed
  }

  /// The code of a text, as for bytes.
  public init?(_ text: String) {
    var copy = text
    guard let code = copy.withUTF8({ CurrencyCode(UnsafeRawBufferPointer($0)) }) else { return nil }
    self = code
  }

  /// The characters.
  public var description: String {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  func append(to bytes: inout [UInt8]) {
    var shift = 56
    while shift >= 0 {
      let byte = UInt8(truncatingIfNeeded: packed >> UInt64(shift))
      if byte != 0 { bytes.append(byte) }
      shift -= 8
    }
  }
}
