import Connectors
import Domain
import JSON

/// Pages that are made without a source.
enum MadePage {
  /// A page of one record.
  static func one(
    _ record: String, fields: [JSONPath], next: String?
  ) throws(SourceFailure) -> Page {
    let bytes = Array(record.utf8)
    let scanner = RecordScanner(records: JSONPath(""), envelope: [], fields: fields)
    do {
      let scan = try bytes.withUnsafeBytes { try scanner.scanLines($0) }
      return Page(bytes: bytes, scan: scan, next: next, requests: 1)
    } catch {
      throw SourceFailure(.invalidPage, "\(error)")
    }
  }
}
