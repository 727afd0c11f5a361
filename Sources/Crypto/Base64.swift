/// Base64 (RFC 4648), in either alphabet, read strictly: one text for each sequence of bytes.
public enum Base64: Sendable {
  /// `+` and `/`, padded with `=`.
  case standard
  /// `-` and `_`, not padded; for URLs, tokens and file names.
  case url

  /// The text of these bytes.
  public func encode(_ bytes: some Collection<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var pending: UInt32 = 0
    var bits = 0
    for byte in bytes {
      pending = pending << 8 | UInt32(byte)
      bits += 8
      while bits >= 6 {
        bits -= 6
        text.append(letter(UInt8(pending >> UInt32(bits) & 63)))
      }
    }
    if bits > 0 { text.append(letter(UInt8(pending << UInt32(6 - bits) & 63))) }
    while self == .standard, !text.count.isMultiple(of: 4) { text.append(UInt8(ascii: "=")) }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of a text; nil for wrong letters, padding or length, or bits that stand for nothing.
  public func decode(_ text: String) -> [UInt8]? {
    guard let letters = unpadded(Array(text.utf8)), letters.count % 4 != 1 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(letters.count * 3 / 4)
    var pending: UInt32 = 0
    var bits = 0
    for letter in letters {
      guard let value = value(of: letter) else { return nil }
      pending = pending << 6 | UInt32(value)
      bits += 6
      guard bits >= 8 else { continue }
      bits -= 8
      bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
    }
    let unused = pending & (1 << UInt32(bits) - 1)
    return unused == 0 ? bytes : nil
  }

  private func unpadded(_ text: [UInt8]) -> ArraySlice<UInt8>? {
    guard self == .standard else { return text[...] }
    guard text.count.isMultiple(of: 4) else { return nil }
    let padding = text.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
    return text.dropLast(padding)
  }

  private func letter(_ value: UInt8) -> UInt8 {
    switch value {
    case 0..<26: UInt8(ascii: "A") + value
    case 26..<52: UInt8(ascii: "a") + value - 26
    case 52..<62: UInt8(ascii: "0") + value - 52
    case 62: self == .url ? UInt8(ascii: "-") : UInt8(ascii: "+")
    default: self == .url ? UInt8(ascii: "_") : UInt8(ascii: "/")
    }
  }

  private func value(of letter: UInt8) -> UInt8? {
    switch letter {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): letter - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): letter - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): letter - UInt8(ascii: "0") + 52
    case self.letter(62): 62
    case self.letter(63): 63
    default: nil
    }
  }
}
