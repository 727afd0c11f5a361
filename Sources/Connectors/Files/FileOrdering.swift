import Domain

/// Writes the records of a file into a copy in which those of one time lie together.
///
/// In a file without order every block spans all of its time, and so every partition would read
/// the whole file: 365 partitions of 10 GB would read 3.6 TB. The copy is a row of runs, each as
/// large as fits into memory and ordered by time within, so that a partition reads its part of each
/// run.
struct FileOrdering {
  /// So many records make a run.
  static let runRecords = 200_000
  /// A copy has up to so many blocks, as each run has some of its own; 5 MB.
  static let mostBlocks = 1 << 17
  /// A copy is made where a tiling into 365 partitions would read a file so many times over.
  static let worthwhileReadings = 8.0

  /// How the records are written.
  let specification: FileSpecification
  /// Reads the event times.
  let time: TimeReader
  /// How large runs and blocks are; as each run has blocks of its own, they are smaller here.
  let sizes: IndexSizes

  /// How many times over the bytes of these blocks would be read for 365 partitions of equal
  /// length.
  static func readings(of blocks: [Block]) -> Double {
    guard let earliest = blocks.map(\.earliest).min(), let latest = blocks.map(\.latest).max()
    else { return 0 }
    let step = max(1, (Double(latest) - Double(earliest)) / 365)
    var read = 0.0
    var length = 0.0
    for block in blocks {
      let bytes = Double(block.end - block.start)
      length += bytes
      read += bytes * (1 + (Double(block.latest) - Double(block.earliest)) / step)
    }
    return length > 0 ? read / length : 0
  }

  /// Writes the copy of an indexed file, and returns its blocks.
  func write(
    _ file: borrowing OpenFile, named path: String, _ findings: FileIndexer.Findings,
    to output: OutputFile, isCancelled: () -> Bool
  ) throws(FileFault) -> [Block] {
    guard let first = findings.blocks.first, let last = findings.blocks.last else { return [] }
    try file.seek(to: first.start)
    var cutter = try specification.cutter(
      header: findings.header, path: path, time: time, fields: [])
    var stream = RecordStream(
      file.descriptor, path: path, from: first.start, length: last.end - first.start)
    var run = OrderedRun(length: sizes.run, before: first.before)
    var builder = BlockBuilder(
      blockSize: max(1, sizes.block / 4), mostBlocks: Self.mostBlocks)
    var written: Int64 = 0
    while try stream.advance(&cutter) {
      for piece in stream.pieces {
        run.add(piece, of: stream.bytes)
        if run.isFull { written = try run.write(to: output, at: written, &builder) }
      }
      if isCancelled() { throw .cancelled }
    }
    written = try run.write(to: output, at: written, &builder)
    return builder.finish(at: written) ?? []
  }
}

/// Records gathered in memory, to be written in the order of their times.
private struct OrderedRun {
  private struct Entry {
    var time: Int64
    var start: Int32
    var end: Int32
    var hasTime: Bool
  }

  private var bytes: [UInt8] = []
  private var entries: [Entry] = []
  /// The time of the last record that had one.
  private var before: Int64

  private let length: Int

  init(length: Int, before: Int64) {
    self.length = length
    self.before = before
    // With room for the record that fills it, lest the array doubles.
    bytes.reserveCapacity(length + (1 << 20))
  }

  var isFull: Bool {
    bytes.count >= length || entries.count >= FileOrdering.runRecords
  }

  mutating func add(_ piece: Piece, of source: UnsafeRawBufferPointer) {
    let start = bytes.count
    before = piece.time ?? before
    bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: source[piece.start..<piece.end]))
    // Both bytes of a line end, so that a carriage return at the end of a record stays its own.
    bytes.append(carriageReturn)
    bytes.append(newline)
    entries.append(
      Entry(
        time: before, start: Int32(start), end: Int32(bytes.count), hasTime: piece.time != nil))
  }

  /// Writes the run behind what was written, and empties it; returns where the file ends then.
  mutating func write(
    to output: OutputFile, at offset: Int64, _ builder: inout BlockBuilder
  ) throws(FileFault) -> Int64 {
    // By time, and within one time as they came: a record without a time stays behind its neighbour.
    entries.sort { ($0.time, $0.start) < ($1.time, $1.start) }
    builder.endBlock(at: offset)
    var place = offset
    var ordered: [UInt8] = []
    for entry in entries {
      if entry.hasTime {
        builder.add(at: place, time: entry.time)
      } else {
        builder.add(at: place, belongingTo: entry.time)
      }
      ordered.append(contentsOf: bytes[Int(entry.start)..<Int(entry.end)])
      place += Int64(entry.end - entry.start)
      if ordered.count >= 1 << 20 {
        try output.append(ordered)
        ordered.removeAll(keepingCapacity: true)
      }
    }
    try output.append(ordered)
    bytes.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
    return place
  }
}
