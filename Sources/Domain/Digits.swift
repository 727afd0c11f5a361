extension Int {
  /// The number that ASCII digits spell; nil for anything else, and for more than 18 digits.
  init?(digits: some Collection<UInt8>) {
    guard !digits.isEmpty, digits.count <= 18 else { return nil }
    self = 0
    for digit in digits {
      guard 48...57 ~= digit else { return nil }
      self = self * 10 + Int(digit - 48)
    }
  }
}

/// The number with zeros before it, up to a width.
func padded(_ number: Int, to width: Int) -> String {
  let digits = String(number.magnitude)
  let zeros = String(repeating: "0", count: max(0, width - digits.count))
  return (number < 0 ? "-" : "") + zeros + digits
}
