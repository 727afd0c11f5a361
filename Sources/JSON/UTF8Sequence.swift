/// The byte sequences that RFC 3629 calls UTF-8.
enum UTF8Sequence {
  /// The length of the sequence of two to four bytes that begins here; 0 where there is none.
  ///
  /// Overlong forms, surrogates and what lies beyond U+10FFFF are none.
  @inline(__always)
  static func length(at start: UnsafePointer<UInt8>, limit: UnsafePointer<UInt8>) -> Int {
    let lead = start[0]
    let room = limit - start
    switch lead {
    case 0xc2...0xdf:
      return room >= 2 && isTail(start[1]) ? 2 : 0
    case 0xe0...0xef:
      guard room >= 3, isTail(start[1]), isTail(start[2]) else { return 0 }
      if lead == 0xe0, start[1] < 0xa0 { return 0 }
      if lead == 0xed, start[1] > 0x9f { return 0 }
      return 3
    case 0xf0...0xf4:
      guard room >= 4, isTail(start[1]), isTail(start[2]), isTail(start[3]) else { return 0 }
      if lead == 0xf0, start[1] < 0x90 { return 0 }
      if lead == 0xf4, start[1] > 0x8f { return 0 }
      return 4
    default:
      return 0
    }
  }

  @inline(__always)
  private static func isTail(_ byte: UInt8) -> Bool { byte & 0xc0 == 0x80 }
}
