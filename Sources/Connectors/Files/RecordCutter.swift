import JSON

/// Cuts a stretch of a file into records.
///
/// The pass that makes an index and the passes that read
/// partitions cut with the same code, so that they agree on every byte.
protocol RecordCutter {
  /// Appends the records that lie whole in the bytes, and returns where the first one begins that
  /// does not. With `isLast` nothing follows the bytes, and what remains is a record as well.
  ///
  /// - precondition: eight bytes behind the stretch may be read.
  mutating func cut(
    _ bytes: UnsafeRawBufferPointer, isLast: Bool, into pieces: inout [Piece]
  ) throws(JSONError) -> Int

  /// Whether a flawed piece of the last cut would be found flawed in the same way before any other
  /// neighbours.
  func standsAlone(_ piece: Piece, in bytes: UnsafeRawBufferPointer) -> Bool

  /// Writes the piece at an index of the last cut into a page, with the fields wanted of it.
  mutating func write(
    _ index: Int, of pieces: [Piece], from bytes: UnsafeRawBufferPointer,
    into page: inout PageBuilder)
}

/// What holds for every format.
enum RecordBounds {
  /// The longest record that is read whole, in bytes.
  static let longest = 16 << 20
  /// How much is kept of a longer one.
  static let keptOfLonger = 64 << 10
}
