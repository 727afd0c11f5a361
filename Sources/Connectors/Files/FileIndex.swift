import Crypto

/// What one pass over a file found out, so that a partition reads only where its records lie.
struct FileIndex: Hashable, Sendable {
  /// Counted up when blocks or copies are made otherwise, so that neither indexes nor cursors of an
  /// older program are used.
  static let version: UInt8 = 1

  /// Where the bytes are that the blocks speak of.
  enum Place: UInt8, Sendable {
    /// In the file itself.
    case file
    /// In a copy beside the index: unpacked, or put in the order of time.
    case copy
  }

  /// The file, as it was when it was read.
  var identity: FileIdentity
  /// The SHA-256 of its content, unpacked.
  var content: Digest
  /// The names of the columns of a CSV file.
  var header: CSVHeader?
  /// Where the bytes are.
  var place: Place
  /// The runs of records, in the order in which they lie there.
  var blocks: [Block]
}
