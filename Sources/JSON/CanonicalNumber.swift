/// A JSON number in the one form that all numbers of its value share: `-12.50` is `-125e-1`.
///
/// The digits have no zero at either end, and the exponent follows unless it is 0; zero is `0`.
/// An exponent of more than 15 digits is left as written: no store holds such a number anyway.
func canonicalNumber(_ number: String) -> String {
  let parts = NumberParts(Array(number.utf8))
  let zero = UInt8(ascii: "0")
  guard let first = parts.digits.firstIndex(where: { $0 != zero }),
    let last = parts.digits.lastIndex(where: { $0 != zero })
  else { return "0" }
  guard parts.exponent.count <= 16,
    let written = Int(String(decoding: parts.exponent, as: UTF8.self))
  else { return number }
  let exponent = written - parts.fractionCount + (parts.digits.count - 1 - last)
  let sign = parts.isNegative ? "-" : ""
  let power = exponent == 0 ? "" : "e\(exponent)"
  return sign + String(decoding: parts.digits[first...last], as: UTF8.self) + power
}

/// The parts of a number as written.
private struct NumberParts {
  var isNegative = false
  /// The digits before and after the point, together.
  var digits: [UInt8]
  var fractionCount = 0
  var exponent = [UInt8(ascii: "0")]

  init(_ number: [UInt8]) {
    var rest = number[...]
    if rest.first == UInt8(ascii: "-") {
      isNegative = true
      rest = rest.dropFirst()
    }
    if let letter = rest.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) {
      exponent = Array(rest[(letter + 1)...])
      rest = rest[..<letter]
    }
    digits = Array(rest)
    if let point = digits.firstIndex(of: UInt8(ascii: ".")) {
      digits.remove(at: point)
      fractionCount = digits.count - point
    }
  }
}
