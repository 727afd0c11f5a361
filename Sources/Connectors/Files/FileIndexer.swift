import Crypto
import Domain
import Glibc
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
  }

  /// How the records are written.
  let specification: FileSpecification
  /// Reads the event times.
  let time: TimeReader

  /// Reads a file that is not packed; `path` is the one that messages name.
  func index(
    _ file: borrowing OpenFile, named path: String, isCancelled: () -> Bool
  ) throws(FileFault) -> Findings {
    let first = try file.head()
    let head = try first.withUnsafeBufferPointer { (bytes) throws(FileFault) in
      try FileHead(UnsafeRawBufferPointer(bytes), of: path, specification)
    }
    var hash = SHA256()
    hash.update(Array(first.prefix(head.start)))
    try file.seek(to: Int64(head.start))
    let stream = RecordStream(
      file.descriptor, path: path, from: Int64(head.start), length: .max)
    let blocks: [Block]?
    switch specification.format {
    case .ndjson:
      let lines = LineRecords(timeField: specification.eventTime.path, time: time, fields: [])
      blocks = try collect(stream, lines, &hash, isCancelled)
    case .csv(let delimiter):
      let header = head.header ?? CSVHeader(names: [])
      let rows = try CSVRecords(
        header: header, delimiter: delimiter,
        timeColumn: header.column(named: specification.eventTime.path, of: path), time: time,
        fields: [])
      blocks = try collect(stream, rows, &hash, isCancelled)
    }
    guard let blocks else {
      throw .noTimes(path: path, field: specification.eventTime.path.description, text: nil)
    }
    return Findings(content: hash.digest(), header: head.header, blocks: blocks)
  }

  private func collect(
    _ stream: consuming RecordStream, _ cutter: some RecordCutter, _ hash: inout SHA256,
    _ isCancelled: () -> Bool
  ) throws(FileFault) -> [Block]? {
    var stream = stream
    var cutter = cutter
    var builder = BlockBuilder()
    while try stream.advance(&cutter, read: { hash.update($0) }) {
      let base = stream.base
      for piece in stream.pieces { builder.add(at: base + Int64(piece.start), time: piece.time) }
      if isCancelled() { throw .cancelled }
    }
    return builder.finish(at: stream.end)
  }
}
