import Crypto
import Domain
import JSON

/// Reads a file once, from end to end, and notes which of its bytes hold which time.
struct FileIndexer {
  /// What the pass finds out.
  struct Findings {
    /// The SHA-256 of the file.
    var content: Digest
    /// The names of the columns of a CSV file.
    var header: CSVHeader?
    /// The runs of records.
    var blocks: [Block]
    /// Whether each record reads the same wherever it stands: one that is too long to be kept, or
    /// a stray quote that only what follows shows to be one, does not.
    var canBeOrdered: Bool
  }

  /// How the records are written.
  let specification: FileSpecification
  /// Reads the event times.
  let time: TimeReader
  /// How many bytes a block has at first.
  let blockSize: Int64

  /// Reads a file that is not packed; `path` is the one that messages name.
  func index(
    _ file: borrowing OpenFile, named path: String, isCancelled: () -> Bool
  ) throws(FileFault) -> Findings {
    let first = try file.head()
    let head = try first.withUnsafeBufferPointer { (bytes) throws(FileFault) in
      try FileHead(
        UnsafeRawBufferPointer(bytes), isWhole: bytes.count < FileHead.length, of: path,
        specification)
    }
    var hash = SHA256()
    hash.update(Array(first.prefix(head.start)))
    try file.seek(to: Int64(head.start))
    var cutter = try specification.cutter(
      header: head.header, path: path, time: time, fields: [])
    var stream = RecordStream(
      file.descriptor, path: path, from: Int64(head.start), length: .max)
    var builder = BlockBuilder(blockSize: blockSize)
    var canBeOrdered = true
    while try stream.advance(&cutter, read: { hash.update($0) }) {
      let base = stream.base
      for piece in stream.pieces {
        builder.add(at: base + Int64(piece.start), time: piece.time)
        if let flaw = piece.flaw, canBeOrdered {
          canBeOrdered = flaw != .tooLarge && cutter.standsAlone(piece, in: stream.bytes)
        }
      }
      if isCancelled() { throw .cancelled }
    }
    guard let blocks = builder.finish(at: stream.end) else {
      throw .noTimes(path: path, field: specification.eventTime.path.description, text: nil)
    }
    return Findings(
      content: hash.digest(), header: head.header, blocks: blocks, canBeOrdered: canBeOrdered)
  }
}
