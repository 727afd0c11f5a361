/// The value of a hexadecimal digit of either case; nil for another byte.
@inline(__always)
func hexDigitValue(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte &- UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte &- UInt8(ascii: "a") &+ 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte &- UInt8(ascii: "A") &+ 10
  default: nil
  }
}

/// What a JSON string that was found sound by its grammar stands for.
enum JSONEscapes {
  /// Hands out the bytes that the content of a string stands for; false at a lone surrogate.
  @inline(__always)
  static func unescape(_ raw: UnsafeRawBufferPointer, _ emit: (UInt8) -> Void) -> Bool {
    var position = 0
    while position < raw.count {
      let byte = raw[position]
      guard byte == UInt8(ascii: "\\"), position + 1 < raw.count else {
        emit(byte)
        position += 1
        continue
      }
      guard raw[position + 1] == UInt8(ascii: "u") else {
        emit(plain(raw[position + 1]))
        position += 2
        continue
      }
      guard let (scalar, length) = scalar(in: raw, at: position) else { return false }
      for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { emit(byte) }
      position += length
    }
    return true
  }

  private static func plain(_ letter: UInt8) -> UInt8 {
    switch letter {
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0c
    case UInt8(ascii: "n"): 0x0a
    case UInt8(ascii: "r"): 0x0d
    case UInt8(ascii: "t"): 0x09
    default: letter
    }
  }

  /// The character of a `\u` escape or of a pair of them, and how many bytes that took.
  private static func scalar(
    in raw: UnsafeRawBufferPointer, at start: Int
  ) -> (Unicode.Scalar, Int)? {
    guard let first = unit(in: raw, at: start) else { return nil }
    if let scalar = Unicode.Scalar(first) { return (scalar, 6) }
    guard first < 0xdc00, let second = unit(in: raw, at: start + 6), 0xdc00...0xdfff ~= second
    else { return nil }
    let high = UInt32(first - 0xd800) << 10
    return Unicode.Scalar(0x10000 + high + UInt32(second - 0xdc00)).map { ($0, 12) }
  }

  private static func unit(in raw: UnsafeRawBufferPointer, at start: Int) -> UInt16? {
    guard start + 6 <= raw.count, raw[start] == UInt8(ascii: "\\"),
      raw[start + 1] == UInt8(ascii: "u")
    else { return nil }
    var unit: UInt16 = 0
    for place in 2..<6 {
      guard let value = hexDigitValue(raw[start + place]) else { return nil }
      unit = unit << 4 | UInt16(value)
    }
    return unit
  }
}
