/// Which partition: its backfill, and its number there, from 1 in the order of time; parts of one that
/// was split have the numbers after the last.
public struct PartitionID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The backfill.
  public var backfill: BackfillID
  /// The number in the backfill.
  public var number: Int32

  /// A partition of a backfill.
  public init(backfill: BackfillID, number: Int32) {
    self.backfill = backfill
    self.number = number
  }

  /// Orders by backfill, then number: the order in which rows are locked.
  public static func < (left: PartitionID, right: PartitionID) -> Bool {
    (left.backfill, left.number) < (right.backfill, right.number)
  }

  /// Backfill and number, as `12/3`.
  public var description: String { "\(backfill)/\(number)" }
}
