import Domain
import Glibc
import Spelling

/// What is wrong with a file of a source, or with the place where its index is kept.
enum FileFault: Error, Hashable {
  /// No file matches the path.
  case missing(path: String)
  /// The system does not let it be read.
  case unreadable(path: String, reason: String)
  /// It holds bytes that no text has, such as zeros at its beginning.
  case notText(path: String)
  /// Its name says gzip, its first bytes do not.
  case notGzip(path: String)
  /// It is gzip on the outside, still packed where it should not be.
  case unexpectedGzip(path: String)
  /// It could not be unpacked to the end.
  case brokenGzip(path: String, reason: String)
  /// There is no program to unpack it.
  case unpackable(path: String, reason: String)
  /// It has no first row with the names of its columns.
  case noHeader(path: String)
  /// Two columns have one name.
  case columnTwice(path: String, name: String)
  /// A column that the stream's definition names is not there.
  case noColumn(path: String, name: String, known: [String])
  /// What stands in it are no records of its format.
  case noRecords(path: String, format: FileSpecification.Format)
  /// Not one record has a time that can be read.
  case noTimes(path: String, field: String, text: String?)
  /// It is no longer the file that was indexed.
  case changed(path: String)
  /// The folder for indexes and copies cannot be used.
  case cacheUnusable(path: String, reason: String)
  /// Its unpacked copy would leave too little room on the disk.
  case noRoom(path: String, folder: String)
  /// Nobody waits for the answer any more.
  case cancelled
}

extension SourceFailure {
  /// The fault in words, and whether asking again can help.
  init(_ fault: FileFault) {
    switch fault {
    case .changed: self.init(.sourceChanged, fault.sentence)
    case .unreadable, .cacheUnusable, .noRoom, .cancelled:
      self.init(.unavailable, fault.sentence)
    default: self.init(.misconfigured, fault.sentence)
    }
  }
}

extension FileFault {
  /// One sentence for people.
  var sentence: String {
    switch self {
    case .missing(let path):
      "No file matches \(path); correct the path or put the file there."
    case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)."
    case .notText(let path):
      "\(path) is not a text file: it holds zero bytes at its beginning."
    case .notGzip(let path):
      "\(path) is not packed by gzip, although its name ends in .gz."
    case .unexpectedGzip(let path):
      "\(path) is packed by gzip, although its name does not end in .gz."
    case .brokenGzip(let path, let reason):
      "\(path) cannot be unpacked to its end: \(reason); fetch it again."
    case .unpackable(let path, let reason): "\(path) cannot be unpacked: \(reason)"
    case .noHeader(let path):
      "\(path) has no first row with the names of its columns."
    case .columnTwice(let path, let name):
      "\(path) has the column \(name) twice; give each column a name of its own."
    case .noColumn(let path, let name, let known): Self.noColumn(path, name, known)
    case .noRecords(let path, .ndjson):
      "\(path) does not hold one JSON object a line; check format of the stream."
    case .noRecords(let path, .csv):
      "No row of \(path) has as many columns as its first; check delimiter of the stream."
    case .noTimes(let path, let field, let text): Self.noTimes(path, field, text)
    case .changed(let path):
      "\(path) changed while it was read; it is indexed again for the next attempt."
    case .cacheUnusable(let path, let reason):
      "The index of a file cannot be kept in \(path): \(reason)."
    case .noRoom(let path, let folder):
      "\(path) is unpacked into \(folder), which has too little room left for it."
    case .cancelled: "The reading was cancelled."
    }
  }

  private static func noColumn(_ path: String, _ name: String, _ known: [String]) -> String {
    let hint = nearestName(to: name, among: known).map { "; did you mean \($0)?" }
    let listed = known.prefix(20).joined(separator: ", ") + (known.count > 20 ? ", …" : "")
    return "\(path) has no column \(name)\(hint ?? "; it has \(listed).")"
  }

  private static func noTimes(_ path: String, _ field: String, _ text: String?) -> String {
    let seen = text.map { ", which is \"\($0)\" in the first record" } ?? ""
    return "No record of \(path) has a time that can be read from \(field)\(seen); "
      + "check event_time of the stream."
  }
}

/// The system's words for an error number.
func systemMessage(_ code: Int32) -> String {
  guard let text = strerror(code) else { return "error \(code)" }
  return String(cString: text)
}
