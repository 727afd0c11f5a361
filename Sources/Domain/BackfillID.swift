/// The identity of a backfill, given by the store and shown to people as it is.
public struct BackfillID: RawRepresentable, Hashable, Comparable, Sendable {
  /// The number.
  public var rawValue: Int64

  /// The identity of a number.
  public init(rawValue: Int64) {
    self.rawValue = rawValue
  }

  /// Orders by number, which is by age.
  public static func < (left: BackfillID, right: BackfillID) -> Bool {
    left.rawValue < right.rawValue
  }
}

extension BackfillID: CustomStringConvertible {
  /// The number.
  public var description: String { String(rawValue) }
}
