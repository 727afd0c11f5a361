/// Looks through a line of CSV eight bytes at a time: how many columns it has, where one of them
/// lies, and whether a quote stands in it, which makes it a case for `CSVRow`.
struct PlainLine {
  /// How many delimiters the line holds.
  private(set) var delimiters = 0
  /// Whether a quote stands anywhere in it.
  private(set) var hasQuote = false
  /// Where the wanted column begins; meaningless where the line has fewer.
  private(set) var columnStart: Int
  /// Where the wanted column ends.
  private(set) var columnEnd: Int

  /// - precondition: eight bytes behind `end` may be read.
  @inline(__always)
  init(
    _ bytes: UnsafeRawPointer, from start: Int, to end: Int, delimiter: UInt8, column: Int
  ) {
    columnStart = start
    columnEnd = end
    let delimiterPattern = UInt64(delimiter) &* 0x0101_0101_0101_0101
    let quotePattern = UInt64(quote) &* 0x0101_0101_0101_0101
    var at = start
    var quotes: UInt64 = 0
    while at < end {
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
      let mask: UInt64 = end - at >= 8 ? ~0 : ~(~0 << UInt64((end - at) * 8))
      quotes |= Self.zeroBytes(word ^ quotePattern) & mask
      let found = Self.zeroBytes(word ^ delimiterPattern) & mask
      let before = delimiters
      delimiters += found.nonzeroBitCount
      if before <= column, delimiters >= column { place(found, at, before: before, column: column) }
      at += 8
    }
    hasQuote = quotes != 0
  }

  /// Notes the ends of the wanted column among the delimiters of one word.
  private mutating func place(_ found: UInt64, _ at: Int, before: Int, column: Int) {
    var rest = found
    var number = before
    while rest != 0 {
      let position = at + rest.trailingZeroBitCount / 8
      number += 1
      if number == column { columnStart = position + 1 }
      if number == column + 1 { columnEnd = position }
      rest &= rest - 1
    }
  }

  /// The high bit of every byte that is zero, and no other bit.
  @inline(__always)
  private static func zeroBytes(_ word: UInt64) -> UInt64 {
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    return ~(((word & low) &+ low) | word | low)
  }
}
