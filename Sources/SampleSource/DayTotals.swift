/// What a stream holds of one day, known without asking for it.
public struct DayTotals: Hashable, Sendable {
  /// How many records.
  public var count: Int
  /// The sum of their amounts by currency, as exact decimal text with two decimals.
  public var sums: [String: String]
}
