/// Finds the keys that came before in a batch: an open-addressed table over one array of bytes.
struct KeyIndex {
  /// Entry numbers plus one by slot; zero is free.
  ///
  /// A power of two, at most half full.
  private var slots: [Int32] = Array(repeating: 0, count: 1_024)
  private var count = 0

  init() {}

  /// The entry that has the key already; nil, and the key is now `entry`'s.
  ///
  /// `span` gives where an earlier entry's key lies in `keys`.
  mutating func find(
    _ key: Range<Int>, in keys: [UInt8], or entry: Int, span: (Int) -> Range<Int>
  ) -> Int? {
    if count * 2 >= slots.count { grow(keys, span: span) }
    let mask = slots.count - 1
    return keys.withUnsafeBytes { bytes in
      var slot = Self.hash(bytes, key) & mask
      while slots[slot] != 0 {
        let known = Int(slots[slot]) - 1
        if Self.equal(bytes, key, span(known)) { return known }
        slot = (slot + 1) & mask
      }
      slots[slot] = Int32(entry + 1)
      count += 1
      return nil
    }
  }

  /// Lets another entry stand for a key that is known.
  mutating func replace(
    _ key: Range<Int>, in keys: [UInt8], by entry: Int, span: (Int) -> Range<Int>
  ) {
    let mask = slots.count - 1
    keys.withUnsafeBytes { bytes in
      var slot = Self.hash(bytes, key) & mask
      while slots[slot] != 0, !Self.equal(bytes, key, span(Int(slots[slot]) - 1)) {
        slot = (slot + 1) & mask
      }
      slots[slot] = Int32(entry + 1)
    }
  }

  private mutating func grow(_ keys: [UInt8], span: (Int) -> Range<Int>) {
    let old = slots
    slots = Array(repeating: 0, count: old.count * 2)
    let mask = slots.count - 1
    keys.withUnsafeBytes { bytes in
      for value in old where value != 0 {
        var slot = Self.hash(bytes, span(Int(value) - 1)) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = value
      }
    }
  }

  /// Eight bytes at a time, folded by a 128-bit product, as wyhash does.
  ///
  /// The table is of one batch and compares the bytes, so a poor hash could cost time but no
  /// record.
  private static func hash(_ bytes: UnsafeRawBufferPointer, _ span: Range<Int>) -> Int {
    var hash: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(span.count)
    var position = span.lowerBound
    while position + 8 <= span.upperBound {
      hash = mix(hash ^ bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      position += 8
    }
    var rest: UInt64 = 0
    while position < span.upperBound {
      rest = rest << 8 | UInt64(bytes[position])
      position += 1
    }
    return Int(truncatingIfNeeded: mix(hash ^ rest))
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    let product = value.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    return product.high ^ product.low
  }

  private static func equal(
    _ bytes: UnsafeRawBufferPointer, _ left: Range<Int>, _ right: Range<Int>
  ) -> Bool {
    left.count == right.count
      && UnsafeRawBufferPointer(rebasing: bytes[left])
        .elementsEqual(UnsafeRawBufferPointer(rebasing: bytes[right]))
  }
}
