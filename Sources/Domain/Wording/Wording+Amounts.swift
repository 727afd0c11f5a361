extension Wording {
  /// An amount with thousands separated and its unit: `12,430.00 EUR`.
  ///
  /// `decimal` is an exact decimal such as `-41.50`, of which every digit is kept; any other text is
  /// shown as it is.
  public static func amount(_ decimal: String, _ unit: String) -> String {
    amount(decimal, unit, plus: "")
  }

  /// A change of an amount, with its sign: `+12,430.00 EUR`, `-41.50 EUR`, `0.00 EUR`.
  public static func change(_ decimal: String, _ unit: String) -> String {
    amount(decimal, unit, plus: "+")
  }

  private static func amount(_ decimal: String, _ unit: String, plus: String) -> String {
    guard let parts = parts(of: decimal) else { return "\(decimal) \(unit)" }
    let isZero = decimal.utf8.allSatisfy { !(49...57 ~= $0) }
    let sign = isZero ? "" : parts.isNegative ? "-" : plus
    let fraction = parts.fraction.isEmpty ? "" : ".\(parts.fraction)"
    return "\(sign)\(grouped(parts.whole))\(fraction) \(unit)"
  }

  private static func parts(
    of decimal: String
  ) -> (isNegative: Bool, whole: Substring, fraction: Substring)? {
    let isNegative = decimal.hasPrefix("-")
    let unsigned = decimal.dropFirst(isNegative || decimal.hasPrefix("+") ? 1 : 0)
    let parts = unsigned.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, isDigits(whole), parts.count == 1 || isDigits(parts[1]) else {
      return nil
    }
    let significant = whole.drop { $0 == "0" }
    return (isNegative, significant.isEmpty ? "0" : significant, parts.count == 1 ? "" : parts[1])
  }

  private static func isDigits(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { 48...57 ~= $0 }
  }
}
