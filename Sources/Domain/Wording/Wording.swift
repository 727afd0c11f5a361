/// How numbers, times, windows and amounts are written for people, in English, everywhere alike: on
/// the command line, in notices and on pages.
public enum Wording {
  /// A whole number with thousands separated: `1,234,567`.
  public static func number(_ number: some BinaryInteger) -> String {
    let digits = number.magnitude.description
    return (number < 0 ? "-" : "") + grouped(digits[...])
  }

  /// A number of things: `1 partition`, `89 partitions`; the plural ends in `s` unless given.
  public static func count(
    _ number: some BinaryInteger, _ singular: String, plural: String? = nil
  ) -> String {
    "\(Wording.number(number)) \(number == 1 ? singular : plural ?? singular + "s")"
  }

  /// A share of a whole in percent: `0%`, `<1%`, `71%`, `>99%`, and `100%` only for all of it.
  public static func percent(_ part: Int, of whole: Int) -> String {
    guard whole > 0, part > 0 else { return "0%" }
    guard part < whole else { return "100%" }
    let percent = (Double(part) / Double(whole) * 100).rounded()
    return percent < 1 ? "<1%" : percent > 99 ? ">99%" : "\(Int(percent))%"
  }

  /// A rate: `70,400/s`, `3.2/s`, and where it is slower, `12/min` or `2/h`.
  public static func rate(perSecond rate: Double) -> String {
    guard rate.isFinite, rate > 0 else { return "0/s" }
    if rate >= 9.95 { return "\(number(Int64(min(rate.rounded(), 1e15))))/s" }
    if rate >= 0.95 { return "\(tenths(rate))/s" }
    let perMinute = rate * 60
    if perMinute >= 0.95 { return "\(Int(perMinute.rounded()))/min" }
    return "\(max(1, Int((rate * 3_600).rounded())))/h"
  }

  /// A list in one sentence: `a`, `a and b`, `a, b and c`.
  public static func list(_ items: [String], _ conjunction: String = "and") -> String {
    guard items.count > 1, let last = items.last else { return items.first ?? "" }
    return "\(items.dropLast().joined(separator: ", ")) \(conjunction) \(last)"
  }

  /// Text from outside in quotation marks, without control characters and cut to a bearable length.
  public static func quoted(_ text: String, limit: Int = 80) -> String {
    "\"\(shortened(text, to: limit))\""
  }

  /// Text from outside as one line without control characters, cut to a length.
  public static func shortened(_ text: String, to limit: Int) -> String {
    let visible = text.unicodeScalars.prefix(limit * 2).map(visibleScalar)
    let line = String(String.UnicodeScalarView(visible))
    return line.count > limit ? line.prefix(limit - 1) + "…" : line
  }

  /// Control and formatting characters could drive a terminal or turn the line around.
  private static func visibleScalar(_ scalar: UnicodeScalar) -> UnicodeScalar {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .format, .privateUse, .unassigned:
      "\u{FFFD}"
    default: scalar
    }
  }

  /// Digits with a comma before every three from the right.
  static func grouped(_ digits: Substring) -> String {
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }

  static func tenths(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}
