/// How many rejected records a partition may have and still succeed.
///
/// A bad record does not fail its partition, too many of them do: more than a share of those read,
/// and at least `least`, so that one bad record of a quiet day is no failure; or every record of a
/// page of ten or more, which says that the definition does not fit.
public struct RejectLimit: Hashable, Sendable {
  /// The fewest rejections that can fail a partition.
  public static let least = 10

  /// The share of the records read, 0...1.
  public var share: Double

  /// A limit by share.
  public init(share: Double) {
    self.share = share
  }

  /// Whether so many rejected of so many read are too many; the commit of a last batch judges by the
  /// same rule.
  public func isExceeded(rejected: Int64, of read: Int64) -> Bool {
    rejected >= Int64(Self.least) && Double(rejected) > Double(read) * share
  }
}
