/// A Huffman code as a table: the next bits lead to the symbol and the length of its code.
struct PrefixCode {
  /// Symbol times 16 plus length; 0 where no code begins with these bits.
  private let table: [UInt16]
  private let mask: UInt64

  /// The code whose symbols have these lengths, 0 for unused ones; nil where they do not make a
  /// code.
  ///
  /// An incomplete one is allowed where the format allows it: of at most one symbol.
  init?(_ lengths: ArraySlice<UInt8>, mayBeIncomplete: Bool = false) {
    var counts = [Int](repeating: 0, count: 16)
    for length in lengths { counts[Int(length)] += 1 }
    let used = lengths.count - counts[0]
    counts[0] = 0
    let width = counts.lastIndex { $0 > 0 } ?? 1
    var nextCodes = [Int](repeating: 0, count: 16)
    var code = 0
    for length in 1...15 {
      code = (code + counts[length - 1]) << 1
      nextCodes[length] = code
    }
    let isComplete = nextCodes[15] + counts[15] == 1 << 15
    guard isComplete || mayBeIncomplete && (used == 0 || used == 1 && width == 1) else {
      return nil
    }
    table = filled(lengths, nextCodes, width: width)
    mask = 1 << UInt64(width) - 1
  }

  @inline(__always)
  func entry(_ bits: UInt64) -> UInt16 {
    table.withUnsafeBufferPointer { $0[Int(bits & mask)] }
  }

  /// The code that blocks of the fixed kind use for literals and lengths.
  static let fixedLiterals = fixed(
    (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })

  /// The code that blocks of the fixed kind use for distances.
  static let fixedDistances = fixed([UInt8](repeating: 5, count: 32))

  private static func fixed(_ lengths: [UInt8]) -> PrefixCode {
    guard let code = PrefixCode(lengths[...]) else {
      // The lengths are constants of the format and make a complete code.
      preconditionFailure("The fixed codes of deflate are not a code.")
    }
    return code
  }
}

/// The table of a code: each symbol stands at all places that begin with its code, whose bits come
/// lowest first.
private func filled(_ lengths: ArraySlice<UInt8>, _ firstCodes: [Int], width: Int) -> [UInt16] {
  var table = [UInt16](repeating: 0, count: 1 << width)
  var nextCodes = firstCodes
  for (symbol, length) in lengths.enumerated() where length > 0 {
    var rest = nextCodes[Int(length)]
    nextCodes[Int(length)] += 1
    var reversed = 0
    for _ in 0..<length {
      reversed = reversed << 1 | rest & 1
      rest >>= 1
    }
    let entry = UInt16(symbol) << 4 | UInt16(length)
    for place in stride(from: reversed, to: table.count, by: 1 << Int(length)) {
      table[place] = entry
    }
  }
  return table
}
