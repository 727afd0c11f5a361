import Domain
import JSON
import Processes

/// Looks at the beginning of each file, whether it is what the stream's definition says.
struct FileCheck: Sendable {
  /// So many files are looked at; of a folder with more, the first ones.
  static let mostFiles = 100
  /// So much of each is looked at.
  static let length = 128 << 10

  let specification: FileSpecification
  let time: TimeReader
  /// The fields that every record must have.
  let fields: [JSONPath]

  /// Throws what is wrong with the first file that is not as it should be.
  func run() async throws(FileFault) {
    let pattern = specification.path
    let paths = try await BlockingWork.run { _ throws(FileFault) in
      try Glob.paths(matching: pattern)
    }
    for path in paths.prefix(Self.mostFiles) {
      try judge(try await beginning(of: path), of: path)
    }
  }

  private func beginning(of path: String) async throws(FileFault) -> [UInt8] {
    let isPacked = FileSpecification.isPacked(path)
    let length = isPacked ? 2 : Self.length
    let bytes = try await BlockingWork.run { _ throws(FileFault) in
      try OpenFile(path).head(length)
    }
    guard isPacked else { return bytes }
    guard bytes == FileHead.gzipMark else { throw .notGzip(path: path) }
    return try await FileUnpacker.beginning(of: path, length: Self.length)
  }

  private func judge(_ bytes: [UInt8], of path: String) throws(FileFault) {
    // Eight more, which cutting may read.
    let padded = bytes + [UInt8](repeating: 0, count: 8)
    try padded.withUnsafeBufferPointer { (buffer) throws(FileFault) in
      let whole = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer).dropLast(8))
      let isLast = bytes.count < Self.length
      let head = try FileHead(whole, isWhole: isLast, of: path, specification)
      let records = UnsafeRawBufferPointer(rebasing: whole.dropFirst(head.start))
      if let header = head.header {
        for field in fields { _ = try header.column(named: field, of: path) }
      }
      var cutter = try specification.cutter(
        header: head.header, path: path, time: time, fields: [specification.eventTime.path])
      try judge(records, &cutter, isLast: isLast, of: path)
    }
  }

  /// Throws where there are records, but none whose time can be read.
  private func judge(
    _ bytes: UnsafeRawBufferPointer, _ cutter: inout any RecordCutter, isLast: Bool,
    of path: String
  ) throws(FileFault) {
    var pieces: [Piece] = []
    do throws(JSONError) {
      _ = try cutter.cut(bytes, isLast: isLast, into: &pieces)
    } catch {
      throw .unreadable(path: path, reason: error.message)
    }
    guard !pieces.isEmpty, pieces.allSatisfy({ $0.time == nil }) else { return }
    guard let sound = pieces.firstIndex(where: { $0.flaw == nil }) else {
      throw .noRecords(path: path, format: specification.format)
    }
    var page = PageBuilder(fieldCount: 1)
    cutter.write(sound, of: pieces, from: bytes, into: &page)
    let text = page.bytes.withUnsafeBytes { page.fields[0].text(in: $0) }
    throw .noTimes(path: path, field: specification.eventTime.path.description, text: text)
  }
}
