/// Puts the records of a file together to blocks while it is read once, in bounded memory: when
/// there are too many blocks, each two become one.
struct BlockBuilder {
  /// No index has more blocks, unless said otherwise; 2.5 MB.
  static let usualMost = 1 << 16

  /// A block ends with the first record that begins so many bytes behind its first one.
  private var size: Int64
  private let mostBlocks: Int
  private var blocks: [Block] = []
  private var current: Block?
  /// The time of the last record that had one.
  private var last: Int64?
  /// Where the first record begins, as long as none was seen that has a time.
  private var untimed: Int64?
  /// Whether the next block's first record belongs to another time than the record before it.
  private var nextStandsApart = false

  /// A builder that begins with blocks of so many bytes.
  init(blockSize: Int64, mostBlocks: Int = usualMost) {
    size = blockSize
    self.mostBlocks = mostBlocks
  }

  /// Adds the record that begins at an offset; one without a time belongs to that of the record
  /// before it.
  @inline(__always)
  mutating func add(at offset: Int64, time: Int64?) {
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
    endBlock(at: offset)
    // Records without a time at the very beginning go with the first that has one.
    current = Block(
      start: untimed ?? offset, end: offset, before: before, earliest: time, latest: time,
      standsApart: nextStandsApart)
    untimed = nil
    nextStandsApart = false
  }

  /// Adds a record without a time that belongs to another than that of the record before it.
  mutating func add(at offset: Int64, belongingTo time: Int64) {
    if last != time {
      endBlock(at: offset)
      nextStandsApart = true
      last = time
    }
    add(at: offset, time: nil)
  }

  /// Ends the block at hand: what is added next begins another.
  mutating func endBlock(at end: Int64) {
    guard var block = current else { return }
    block.end = end
    current = nil
    blocks.append(block)
    if blocks.count >= mostBlocks {
      blocks = blocks.halved
      size *= 2
    }
  }

  /// All blocks, when the file has ended at an offset; nil where it holds records, but no time.
  mutating func finish(at end: Int64) -> [Block]? {
    endBlock(at: end)
    return untimed == nil ? blocks : nil
  }
}
