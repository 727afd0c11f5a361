/// The text form of a `bytea`: `\x` and two hexadecimal digits a byte.
struct HexBytes {
  private let text: UnsafeRawBufferPointer

  init(_ text: UnsafeRawBufferPointer) {
    self.text = text
  }

  func decoded() throws(FieldFault) -> [UInt8] {
    guard text.count % 2 == 0, text.starts(with: "\\x".utf8) else { throw .malformed }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 2 - 1)
    for index in stride(from: 2, to: text.count, by: 2) {
      bytes.append(try digit(text[index]) << 4 | digit(text[index + 1]))
    }
    return bytes
  }

  private func digit(_ byte: UInt8) throws(FieldFault) -> UInt8 {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): return byte - UInt8(ascii: "a") + 10
    default: throw .malformed
    }
  }
}
