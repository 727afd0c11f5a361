/// Reads the text form of a `timestamptz` in DateStyle ISO: `2024-02-29 23:59:59.5+00`, `… BC`.
struct TimestampText {
  private var rest: Substring

  init(_ text: String) {
    rest = text[...]
  }

  mutating func timestamp() throws(FieldFault) -> Timestamp {
    if rest == "infinity" { return .infinity }
    if rest == "-infinity" { return .minusInfinity }
    let isBeforeChrist = rest.hasSuffix(" BC")
    if isBeforeChrist { rest.removeLast(3) }
    let (year, month, day) = (try number(upTo: "-"), try number(upTo: "-"), try number(upTo: " "))
    guard 1...12 ~= month, 1...31 ~= day, year < 1_000_000 else { throw .malformed }
    let days = Self.days(year: isBeforeChrist ? 1 - year : year, month: month, day: day)
    let clock = try time()
    let (midnight, overflow) = days.multipliedReportingOverflow(by: 86_400_000_000)
    let (sum, sumOverflow) = midnight.addingReportingOverflow(clock - (try offset()))
    guard !overflow, !sumOverflow else { throw .outOfRange }
    return Timestamp(microseconds: sum)
  }

  /// Microseconds since midnight.
  private mutating func time() throws(FieldFault) -> Int64 {
    let (hours, minutes) = (try number(upTo: ":"), try number(upTo: ":"))
    let (seconds, digits) = (digitsPrefix(), fraction())
    guard hours <= 24, minutes < 60, let whole = Int64(seconds), whole <= 60, digits.count <= 6,
      let part = Int64(digits + String(repeating: "0", count: 6 - digits.count))
    else { throw .malformed }
    return ((hours * 60 + minutes) * 60 + whole) * 1_000_000 + part
  }

  /// The offset from UTC in microseconds: `+00`, `-03:30`, `+00:53:28`.
  private mutating func offset() throws(FieldFault) -> Int64 {
    let sign: Int64
    switch rest.popFirst() {
    case "+": sign = 1
    case "-": sign = -1
    default: throw .malformed
    }
    var seconds: Int64 = 0
    var unit: Int64 = 3600
    for part in rest.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false) {
      guard let number = Int64(part), 0..<60 ~= number else { throw .malformed }
      seconds += number * unit
      unit /= 60
    }
    return sign * seconds * 1_000_000
  }

  private mutating func number(upTo end: Character) throws(FieldFault) -> Int64 {
    let digits = digitsPrefix()
    guard digits.count <= 9, let number = Int64(digits), rest.popFirst() == end else {
      throw .malformed
    }
    return number
  }

  private mutating func digitsPrefix() -> Substring {
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    rest = rest.dropFirst(digits.count)
    return digits
  }

  private mutating func fraction() -> String {
    guard rest.first == "." else { return "" }
    rest.removeFirst()
    return String(digitsPrefix())
  }

  /// Days since 1970-01-01 in the proleptic Gregorian calendar, years counted from March on so that
  /// the leap day is a year's last.
  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}
