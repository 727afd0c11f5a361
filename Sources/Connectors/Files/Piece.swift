import JSON

/// A record found in a stretch of a file: where it lies, and when it happened.
struct Piece {
  /// The offset of its first byte in the stretch.
  var start: Int
  /// The offset after its last byte, its line end left out.
  var end: Int
  /// Its event time in microseconds since 1970; nil where none can be read.
  var time: Int64?
  /// Why it cannot be taken, as far as is known without looking closer.
  var flaw: RecordFlaw?
}
