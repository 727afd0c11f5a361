import Glibc

/// The key of a member, unescaped, with its first eight bytes at hand.
struct ScannedKey {
  let text: UnsafePointer<UInt8>
  let count: Int
  /// The first eight bytes in order of rising significance, the rest zero.
  let word: UInt64

  /// A key that lies here; `limit` is the end of what may be read.
  @inline(__always)
  init(text: UnsafePointer<UInt8>, count: Int, limit: UnsafePointer<UInt8>) {
    self.text = text
    self.count = count
    if count == 0 {
      word = 0
    } else if limit - text >= 8 {
      let whole = UInt64(
        littleEndian: UnsafeRawPointer(text).loadUnaligned(as: UInt64.self))
      word = count >= 8 ? whole : whole & ~(~0 << (8 * UInt64(truncatingIfNeeded: count)))
    } else {
      var short: UInt64 = 0
      for place in 0..<min(count, 8) { short |= UInt64(text[place]) << UInt64(8 * place) }
      word = short
    }
  }

  /// Whether the key is the one of `count` bytes that begins with `word` and lies at `other`.
  @inline(__always)
  func equals(word: UInt64, count: Int, text other: UnsafePointer<UInt8>) -> Bool {
    self.word == word && self.count == count
      && (count <= 8 || memcmp(text + 8, other + 8, count - 8) == 0)
  }
}

extension ScannedKey: Hashable {
  static func == (left: ScannedKey, right: ScannedKey) -> Bool {
    left.equals(word: right.word, count: right.count, text: right.text)
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(bytes: UnsafeRawBufferPointer(start: text, count: count))
  }
}
