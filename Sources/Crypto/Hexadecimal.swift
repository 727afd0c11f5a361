/// The bytes as lower-case hexadecimal digits.
public func hexadecimal(_ bytes: some Collection<UInt8>) -> String {
  let digits: StaticString = "0123456789abcdef"
  return String(unsafeUninitializedCapacity: bytes.count * 2) { text in
    var position = 0
    for byte in bytes {
      text[position] = digits.utf8Start[Int(byte >> 4)]
      text[position + 1] = digits.utf8Start[Int(byte & 15)]
      position += 2
    }
    return position
  }
}

extension [UInt8] {
  /// The bytes that hexadecimal digits of either case stand for; nil for anything else.
  public init?(hex: String) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(hex.utf8.count / 2)
    var high: UInt8?
    for digit in hex.utf8 {
      guard let value = hexadecimalValue(digit) else { return nil }
      if let pending = high {
        bytes.append(pending << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    guard high == nil else { return nil }
    self = bytes
  }
}

private func hexadecimalValue(_ digit: UInt8) -> UInt8? {
  switch digit {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
  default: nil
  }
}
