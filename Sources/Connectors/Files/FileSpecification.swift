import Domain
import JSON

/// Which files a stream reads, and how their records are written.
struct FileSpecification: Hashable, Sendable {
  /// How records are written.
  enum Format: Hashable, Sendable {
    /// One JSON object a line.
    case ndjson
    /// RFC 4180 with a header row and this byte between columns.
    case csv(delimiter: UInt8)
  }

  /// An absolute path, with `*`, `?` and `[…]` for several files.
  var path: String
  /// How records are written.
  var format: Format
  /// The field by which records belong to windows.
  var eventTime: TimeField

  /// Whether a file is packed, told by its name.
  static func isPacked(_ path: String) -> Bool { path.hasSuffix(".gz") }

  /// All that an index of a file depends on beside the file.
  var indexKey: String {
    let written =
      switch format {
      case .ndjson: "ndjson"
      case .csv(let delimiter): "csv \(delimiter)"
      }
    let parts = [
      "2", written, eventTime.path.description, eventTime.format.rawValue, eventTime.zone,
    ]
    return parts.joined(separator: "\u{1f}")
  }
}
