import JSON

extension RetryRule {
  init(_ reader: ObjectReader) {
    self.init(
      attempts: reader.optionalInt("attempts", in: 1...100) ?? Self.standard.attempts,
      base: reader.optionalDelay("base"))
  }
}

extension ObjectReader {
  /// A short stretch of time in microseconds, as `500ms`, `1s` or `2min`, if there is one.
  fileprivate func optionalDelay(_ key: String) -> Int64? {
    guard let text = optionalString(key) else { return nil }
    if let delay = microseconds(text), 1...3_600_000_000 ~= delay { return delay }
    fault(
      key,
      "expected \(key) to be a time of at most an hour, as 500ms, 1s or 2min, got "
        + Wording.quoted(text))
    return nil
  }

  /// The microseconds of a text such as `500ms`; nil where it is none.
  func microseconds(_ text: String) -> Int64? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let units: [Substring: Int64] = [
      "us": 1, "ms": 1_000, "s": 1_000_000, "min": 60_000_000, "h": 3_600_000_000,
      "d": 86_400_000_000,
    ]
    guard let count = Int64(digits), let unit = units[text.dropFirst(digits.count)] else {
      return nil
    }
    let product = count.multipliedReportingOverflow(by: unit)
    return product.overflow ? nil : product.partialValue
  }
}
