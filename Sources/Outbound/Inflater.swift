import Glibc

/// Unpacks deflate (RFC 1951) from one buffer into another of fixed size.
///
/// Nothing is read or written outside the two buffers: every distance, length and end is checked
/// before it is used.
struct Inflater {
  private let input: UnsafeRawPointer
  private let inputCount: Int
  private let output: UnsafeMutablePointer<UInt8>
  private let outputCount: Int
  private var place = 0
  private var bits: UInt64 = 0
  private var bitCount = 0
  /// How many bytes were unpacked.
  private(set) var written = 0

  /// Unpacks so many bytes from a place into room for so many at another.
  init(
    _ input: UnsafeRawPointer, _ inputCount: Int, into output: UnsafeMutablePointer<UInt8>,
    _ outputCount: Int
  ) {
    self.input = input
    self.inputCount = inputCount
    self.output = output
    self.outputCount = outputCount
  }

  /// Unpacks all blocks; false where they are broken, do not fit, or do not end with the input.
  mutating func run() -> Bool {
    var isLast = false
    while !isLast {
      guard let header = take(3) else { return false }
      isLast = header & 1 == 1
      let isSound =
        switch header >> 1 {
        case 0: copyStored()
        case 1: unpack(.fixedLiterals, .fixedDistances)
        case 2: unpackDynamic()
        default: false
        }
      guard isSound else { return false }
    }
    dropPartialByte()
    return place == inputCount
  }

  private mutating func copyStored() -> Bool {
    dropPartialByte()
    guard inputCount - place >= 4 else { return false }
    let length = Int(byte(place)) | Int(byte(place + 1)) << 8
    let check = Int(byte(place + 2)) | Int(byte(place + 3)) << 8
    place += 4
    guard length == ~check & 0xFFFF, length <= inputCount - place,
      length <= outputCount - written
    else { return false }
    memcpy(output + written, input + place, length)
    place += length
    written += length
    return true
  }

  private mutating func unpackDynamic() -> Bool {
    guard let literalCount = take(5).map({ $0 + 257 }), let distanceCount = take(5).map({ $0 + 1 }),
      let lengthCount = take(4).map({ $0 + 4 }), literalCount <= 286, distanceCount <= 30
    else { return false }
    var order = [UInt8](repeating: 0, count: 19)
    for index in 0..<lengthCount {
      guard let length = take(3) else { return false }
      order[lengthOrder[index]] = UInt8(length)
    }
    guard let lengthCode = PrefixCode(order[...]),
      let lengths = readLengths(literalCount + distanceCount, lengthCode), lengths[256] > 0,
      let literals = PrefixCode(lengths[..<literalCount]),
      let distances = PrefixCode(lengths[literalCount...], mayBeIncomplete: true)
    else { return false }
    return unpack(literals, distances)
  }

  private mutating func readLengths(_ count: Int, _ code: PrefixCode) -> [UInt8]? {
    var lengths: [UInt8] = []
    while lengths.count < count {
      refill()
      guard let symbol = next(code) else { return nil }
      switch symbol {
      case 0...15: lengths.append(UInt8(symbol))
      case 16:
        guard let last = lengths.last, let more = take(2) else { return nil }
        lengths.append(contentsOf: repeatElement(last, count: more + 3))
      case 17:
        guard let more = take(3) else { return nil }
        lengths.append(contentsOf: repeatElement(0, count: more + 3))
      default:
        guard let more = take(7) else { return nil }
        lengths.append(contentsOf: repeatElement(0, count: more + 11))
      }
    }
    return lengths.count == count ? lengths : nil
  }

  /// Unpacks one block of literals and matches.
  ///
  /// One refill serves a whole match: 15 + 5 bits of its length and 15 + 13 of its distance.
  private mutating func unpack(_ literals: PrefixCode, _ distances: PrefixCode) -> Bool {
    while true {
      refill()
      guard let symbol = next(literals) else { return false }
      if symbol < 256 {
        guard written < outputCount else { return false }
        output[written] = UInt8(truncatingIfNeeded: symbol)
        written += 1
        continue
      }
      if symbol == 256 { return true }
      guard symbol < 286, let more = drop(Int(lengthBases[symbol - 257].extra)),
        let code = next(distances), code < 30, let far = drop(Int(distanceBases[code].extra)),
        copy(
          Int(lengthBases[symbol - 257].base) + more, back: Int(distanceBases[code].base) + far)
      else { return false }
    }
  }

  private mutating func copy(_ length: Int, back distance: Int) -> Bool {
    guard distance <= written, length <= outputCount - written else { return false }
    let start = output + written
    if distance >= length {
      memcpy(start, start - distance, length)
    } else {
      // The match overlaps what it makes: byte by byte, so that it repeats itself.
      for index in 0..<length { start[index] = (start - distance)[index] }
    }
    written += length
    return true
  }

  /// The next symbol; nil where there is none, or the input ends within it.
  @inline(__always)
  private mutating func next(_ code: PrefixCode) -> Int? {
    let entry = code.entry(bits)
    let length = Int(entry & 15)
    guard length > 0, length <= bitCount else { return nil }
    bits >>= UInt64(length)
    bitCount -= length
    return Int(entry >> 4)
  }

  /// So many bits as a number, read after a refill; nil where the input ends before.
  private mutating func take(_ count: Int) -> Int? {
    refill()
    return drop(count)
  }

  @inline(__always)
  private mutating func drop(_ count: Int) -> Int? {
    guard count <= bitCount else { return nil }
    let value = Int(bits & (1 << UInt64(count) - 1))
    bits >>= UInt64(count)
    bitCount -= count
    return value
  }

  /// Fills up to 56 bits and more, as far as there is input.
  @inline(__always)
  private mutating func refill() {
    if inputCount - place >= 8 {
      let word = input.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      bits |= UInt64(littleEndian: word) << UInt64(bitCount)
      let taken = (63 - bitCount) >> 3
      place += taken
      bitCount += taken << 3
    } else {
      while bitCount <= 56, place < inputCount {
        bits |= UInt64(byte(place)) << UInt64(bitCount)
        place += 1
        bitCount += 8
      }
    }
  }

  @inline(__always)
  private func byte(_ place: Int) -> UInt8 { input.load(fromByteOffset: place, as: UInt8.self) }

  /// Goes on at the next whole byte, giving back those that were read ahead.
  private mutating func dropPartialByte() {
    place -= bitCount >> 3
    bits = 0
    bitCount = 0
  }
}

/// In which order the lengths of the code for lengths stand.
private let lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

private typealias Base = (base: UInt16, extra: UInt8)

private let lengthBases: [Base] = [
  (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (11, 1), (13, 1), (15, 1),
  (17, 1), (19, 2), (23, 2), (27, 2), (31, 2), (35, 3), (43, 3), (51, 3), (59, 3), (67, 4), (83, 4),
  (99, 4), (115, 4), (131, 5), (163, 5), (195, 5), (227, 5), (258, 0),
]

private let distanceBases: [Base] = [
  (1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (7, 1), (9, 2), (13, 2), (17, 3), (25, 3), (33, 4),
  (49, 4), (65, 5), (97, 5), (129, 6), (193, 6), (257, 7), (385, 7), (513, 8), (769, 8), (1025, 9),
  (1537, 9), (2049, 10), (3073, 10), (4097, 11), (6145, 11), (8193, 12), (12289, 12), (16385, 13),
  (24577, 13),
]
