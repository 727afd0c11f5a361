/// A value found in a page without copying it: where its bytes lie, and of which kind it is.
public struct JSONSlice: Hashable, Sendable {
  /// The kind of a value.
  public enum Kind: UInt8, Sendable {
    /// The path leads nowhere in this record.
    case missing
    case null
    case `false`
    case `true`
    case number
    /// A string without escapes; the slice is its content, the quotes left out.
    case string
    /// A string with escapes; the slice is its content as written, the quotes left out.
    case escapedString
    case array
    case object
  }

  /// The offset of the first byte in the page.
  public var start: Int32
  /// The offset after the last byte.
  public var end: Int32
  /// The kind of the value.
  public var kind: Kind

  /// A slice of a page.
  @inlinable
  public init(start: Int32, end: Int32, kind: Kind) {
    self.start = start
    self.end = end
    self.kind = kind
  }

  /// The slice of a path that leads nowhere.
  @inlinable
  public static var missing: JSONSlice { JSONSlice(start: 0, end: 0, kind: .missing) }
}
