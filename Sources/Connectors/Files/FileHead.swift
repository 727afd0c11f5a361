import Glibc
import JSON

/// The beginning of a file: what tells whether it is what it claims, and where its records begin.
struct FileHead {
  /// How much of a file is looked at; a header row must end in it.
  static let length = 1 << 20

  /// The names of the columns of a CSV file.
  private(set) var header: CSVHeader?
  /// Where the first record begins.
  private(set) var start: Int = 0

  /// Judges the first bytes of a file that is not packed; `isWhole` where nothing follows them.
  init(
    _ bytes: UnsafeRawBufferPointer, isWhole: Bool, of path: String,
    _ specification: FileSpecification
  ) throws(FileFault) {
    if bytes.starts(with: Self.gzipMark) { throw .unexpectedGzip(path: path) }
    if bytes.prefix(64 << 10).contains(0) { throw .notText(path: path) }
    let hasByteOrderMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
    start = hasByteOrderMark ? 3 : 0
    guard case .csv(let delimiter) = specification.format else { return }
    var row = CSVRow(delimiter: delimiter)
    guard case .row = row.read(bytes, at: start, isLast: isWhole), start < bytes.count else {
      throw .noHeader(path: path)
    }
    header = try Self.header(row, in: bytes, of: path)
    start = row.next
  }

  /// The first two bytes of everything that gzip packs.
  static let gzipMark: [UInt8] = [0x1F, 0x8B]

  private static func header(
    _ row: CSVRow, in bytes: UnsafeRawBufferPointer, of path: String
  ) throws(FileFault) -> CSVHeader {
    var names: [String] = []
    for column in row.columns {
      let written = bytes[column.start..<column.end]
      guard let name = String(validating: written, as: UTF8.self) else {
        throw .noHeader(path: path)
      }
      let plain = column.hasDoubledQuotes ? undoubled(name) : name
      guard !names.contains(plain) else { throw .columnTwice(path: path, name: plain) }
      names.append(plain)
    }
    return CSVHeader(names: names)
  }

  private static func undoubled(_ text: String) -> String {
    var single = ""
    var rest = Substring(text)
    while let character = rest.popFirst() {
      single.append(character)
      if character == "\"", rest.first == "\"" { rest.removeFirst() }
    }
    return single
  }
}

extension OpenFile {
  /// The first bytes of the file, at most so many.
  func head(_ length: Int = FileHead.length) throws(FileFault) -> [UInt8] {
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
      while count < length {
        let read = pread(
          descriptor, buffer.baseAddress.map { $0 + count }, length - count, off_t(count))
        if read < 0, errno == EINTR { continue }
        if read < 0 { code = errno }
        guard read > 0 else { return }
        count += read
      }
    }
    guard code == 0 else { throw .unreadable(path: path, reason: systemMessage(code)) }
    return bytes
  }
}
