/// Why a text could not be read as JSON, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of fault it is.
  public enum Reason: Hashable, Sendable {
    /// The text ends before the document does.
    case cutOff
    /// The grammar is broken.
    case grammar
    /// Bytes that are not UTF-8, where no single record is to blame.
    case encoding
    /// More bytes than can be read at once.
    case tooLarge
    /// The path of the records leads nowhere, or not to an array.
    case noRecords
    /// An object names the same key twice.
    case duplicateKey
    /// Nested deeper than 128 levels.
    case tooDeep
    /// Half of a surrogate pair, which no text can hold.
    case loneSurrogate
    /// A number that JSON cannot express.
    case number
  }

  /// What kind of fault it is.
  public let reason: Reason
  /// The offset of the byte at which it was seen.
  public let offset: Int
  /// The line and column, counted from 1, columns in bytes; nil where lines have no meaning.
  public let place: Place?
  /// One sentence for people, without the place.
  public let message: String

  /// A line and column, counted from 1.
  public struct Place: Hashable, Sendable {
    /// The line.
    public let line: Int
    /// The column, in bytes.
    public let column: Int
  }

  init(_ reason: Reason, offset: Int, place: Place? = nil, message: String) {
    self.reason = reason
    self.offset = offset
    self.place = place
    self.message = message
  }

  /// The sentence with its place.
  public var description: String {
    if let place { return "line \(place.line), column \(place.column): \(message)" }
    return "byte \(offset): \(message)"
  }
}
