/// Undoes the ways in which URLs and JSON write a character otherwise.
enum PlainText {
  /// The bytes that a part of a URL stands for.
  static func ofURL(_ text: some StringProtocol) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let value = takeNumber(of: 2, from: &rest) {
        bytes.append(UInt8(truncatingIfNeeded: value))
      } else {
        bytes.append(byte)
      }
    }
    return bytes
  }

  /// The text that the content of a JSON string stands for; what cannot be read is left out.
  static func ofJSON(_ text: some StringProtocol) -> String {
    var units: [UInt16] = []
    var rest = Array(text.utf16)[...]
    while let unit = rest.popFirst() {
      guard unit == 0x5C, let escaped = rest.popFirst() else {
        units.append(unit)
        continue
      }
      var digits = rest.prefix(4).map { UInt8(truncatingIfNeeded: $0) }[...]
      if escaped == 0x75, let value = takeNumber(of: 4, from: &digits) {
        units.append(UInt16(truncatingIfNeeded: value))
        rest = rest.dropFirst(4)
      } else {
        units.append(escaped)
      }
    }
    return String(decoding: units, as: UTF16.self)
  }

  private static func takeNumber(of digits: Int, from rest: inout ArraySlice<UInt8>) -> Int? {
    let text = String(decoding: rest.prefix(digits), as: UTF8.self)
    guard rest.count >= digits, let value = Int(text, radix: 16), value >= 0 else { return nil }
    rest = rest.dropFirst(digits)
    return value
  }
}
