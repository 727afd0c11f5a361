/// Puts the records of a file together to blocks while it is read once, in bounded memory: when
/// there are too many blocks, each two become one.
struct BlockBuilder {
  /// No index has more blocks; 2.5 MB.
  static let mostBlocks = 1 << 16

  /// The blocks that are finished.
  private(set) var blocks: [Block] = []
  /// How many records were added.
  private(set) var records = 0

  /// A block ends with the first record that begins so many bytes behind its first one.
  private var size: Int64
  private var current: Block?
  /// The time of the last record that had one.
  private var last: Int64?
  /// Where the first record begins, as long as none was seen that has a time.
  private var untimed: Int64?

  /// A builder that begins with blocks of so many bytes.
  init(blockSize: Int64 = 64 << 10) {
    size = blockSize
  }

  /// Adds the record that begins at an offset.
  @inline(__always)
  mutating func add(at offset: Int64, time: Int64?) {
    records += 1
    guard let time = time ?? last else {
      if untimed == nil { untimed = offset }
      return
    }
    let before = last ?? time
    last = time
    if current != nil, offset - (current?.start ?? 0) < size {
      if time < (current?.earliest ?? time) { current?.earliest = time }
      if time > (current?.latest ?? time) { current?.latest = time }
      return
    }
    finishBlock(at: offset)
    // Records without a time at the very beginning go with the first that has one.
    current = Block(
      start: untimed ?? offset, end: offset, before: before, earliest: time, latest: time)
    untimed = nil
  }

  /// All blocks, when the file has ended at an offset; nil where it holds records, but no time.
  mutating func finish(at end: Int64) -> [Block]? {
    finishBlock(at: end)
    return untimed == nil ? blocks : nil
  }

  private mutating func finishBlock(at end: Int64) {
    guard var block = current else { return }
    block.end = end
    current = nil
    blocks.append(block)
    if blocks.count == Self.mostBlocks { halve() }
  }

  private mutating func halve() {
    blocks = stride(from: 0, to: blocks.count, by: 2).map { first in
      first + 1 < blocks.count ? blocks[first].joined(with: blocks[first + 1]) : blocks[first]
    }
    size *= 2
  }
}
