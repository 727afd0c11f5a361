import JSON

extension RecordScanner {
  func document(_ text: String) throws -> ScannedPage {
    try document(Array(text.utf8))
  }

  func document(_ bytes: [UInt8]) throws -> ScannedPage {
    try bytes.withUnsafeBytes { try scanDocument($0) }
  }

  func lines(_ text: String) throws -> ScannedPage {
    try lines(Array(text.utf8))
  }

  func lines(_ bytes: [UInt8]) throws -> ScannedPage {
    try bytes.withUnsafeBytes { try scanLines($0) }
  }

  /// A scanner for documents that are the array.
  static func bare(_ fields: String...) -> RecordScanner {
    RecordScanner(records: JSONPath(""), envelope: [], fields: fields.map { JSONPath($0) })
  }

  /// The flaw of a single record.
  static func flaw(of record: String) throws -> RecordFlaw? {
    try bare().document("[\(record)]").records.first?.flaw
  }
}

extension ScannedPage {
  /// The texts of a record's fields, or their kinds where they are no text.
  func texts(_ row: Int, in text: String) -> [String] {
    Array(text.utf8).withUnsafeBytes { page in
      fields[(row * fieldCount)..<((row + 1) * fieldCount)].map { field in
        field.text(in: page) ?? "\(field.kind)"
      }
    }
  }

  /// The text of a record.
  func record(_ row: Int, in text: String) -> String {
    String(
      decoding: Array(text.utf8)[Int(records[row].start)..<Int(records[row].end)], as: UTF8.self)
  }
}
