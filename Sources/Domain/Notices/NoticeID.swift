/// The identity of a notice, the same over all attempts to deliver it, by which receivers know a
/// notice that comes twice: `ntc_` and 32 hexadecimal digits.
public struct NoticeID: RawRepresentable, Hashable, Sendable {
  /// The text.
  public var rawValue: String

  /// The identity of a text.
  public init(rawValue: String) {
    self.rawValue = rawValue
  }
}

extension NoticeID: CustomStringConvertible {
  /// The text.
  public var description: String { rawValue }
}
