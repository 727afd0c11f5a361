/// What a scan found in a page: its records, the fields wanted of each, and of the envelope.
///
/// All positions are offsets into the bytes that were scanned; nothing is copied.
public struct ScannedPage: Sendable {
  /// One record: where it lies, and why it cannot be taken, if it cannot.
  public struct Record: Hashable, Sendable {
    /// The offset of its first byte.
    public var start: Int32
    /// The offset after its last byte.
    public var end: Int32
    /// Why it cannot be taken, in which case its fields are not to be trusted; nil for a sound record.
    public var flaw: RecordFlaw?

    /// A record of a page.
    @inlinable
    public init(start: Int32, end: Int32, flaw: RecordFlaw?) {
      self.start = start
      self.end = end
      self.flaw = flaw
    }
  }

  /// The records, in the order of the page.
  public var records: [Record]
  /// The fields of all records, record by record: field `f` of record `r` is at `r * fieldCount + f`.
  public var fields: [JSONSlice]
  /// How many fields each record has.
  public var fieldCount: Int
  /// The fields of the envelope, in the order asked for; empty for lines.
  public var envelope: [JSONSlice]

  /// A scanned page.
  public init(records: [Record], fields: [JSONSlice], fieldCount: Int, envelope: [JSONSlice]) {
    self.records = records
    self.fields = fields
    self.fieldCount = fieldCount
    self.envelope = envelope
  }
}

/// Why a single record cannot be taken, although the page around it can be read.
public enum RecordFlaw: String, CaseIterable, Sendable {
  /// It is not an object.
  case notAnObject = "not_an_object"
  /// The line is not JSON and may be any bytes (lines only; in a document this fails the page).
  case malformed
  /// A string holds U+0000, which PostgreSQL cannot hold in text or jsonb.
  case nulCharacter = "nul_character"
  /// A string holds half of a surrogate pair.
  case loneSurrogate = "lone_surrogate"
  /// Bytes that are not UTF-8.
  case invalidUTF8 = "invalid_utf8"
  /// Nested deeper than 128 levels.
  case tooDeep = "too_deep"
  /// Longer than 16 MiB.
  case tooLarge = "too_large"
  /// A number that PostgreSQL's numeric cannot hold.
  case numberOutOfRange = "number_out_of_range"
  /// An object names the same key twice.
  case duplicateKey = "duplicate_key"
}
