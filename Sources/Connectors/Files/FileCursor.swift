/// Where a partition goes on in the files of a stream, as its checkpoint keeps it.
struct FileCursor: Hashable, Sendable {
  /// The files that it speaks of, told by `FileSet.mark`.
  var files: UInt64
  /// Which of the files.
  var file: Int
  /// Which block of the file.
  var block: Int
  /// Where the next record begins.
  var offset: Int64
  /// The time of the record before it.
  var before: Int64

  /// A cursor from its parts.
  init(files: UInt64, file: Int, block: Int, offset: Int64, before: Int64) {
    self.files = files
    self.file = file
    self.block = block
    self.offset = offset
    self.before = before
  }

  /// The cursor that a checkpoint kept; nil for a text that is none.
  init?(_ text: String) {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0] == "1", let files = UInt64(parts[1], radix: 36),
      let file = Int(parts[2]), let block = Int(parts[3]), let offset = Int64(parts[4]),
      let before = Int64(parts[5])
    else { return nil }
    self.init(files: files, file: file, block: block, offset: offset, before: before)
  }

  /// The cursor as a checkpoint keeps it.
  var text: String {
    "1 \(String(files, radix: 36)) \(file) \(block) \(offset) \(before)"
  }
}
