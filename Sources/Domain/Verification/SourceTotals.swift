/// What a source says of a window by itself: how many records, and what they come to.
public struct SourceTotals: Hashable, Sendable {
  /// A sum of one measure.
  public struct Sum: Hashable, Sendable {
    /// The measure's name.
    public var measure: String
    /// The currency.
    public var currency: String
    /// The sum.
    public var amount: Amount

    /// A sum of one measure.
    public init(measure: String, currency: String, amount: Amount) {
      self.measure = measure
      self.currency = currency
      self.amount = amount
    }
  }

  /// How many records; nil where the source does not say.
  public var records: Int64?
  /// Sums of measures, as far as the source gives them.
  public var sums: [Sum]

  /// What one side says of a window.
  public init(records: Int64?, sums: [Sum] = []) {
    self.records = records
    self.sums = sums
  }

  /// Whether the store's totals are the source's: the number of records, and each sum that the
  /// source gives.
  ///
  /// A sum that the store does not have counts as nothing: no record had the measure. Without a
  /// number or a sum there is no evidence, and nothing is equal.
  public func isEqual(to store: SourceTotals) -> Bool {
    guard records != nil || !sums.isEmpty else { return false }
    if let records, records != store.records { return false }
    return sums.allSatisfy { sum in
      let held = store.sums.first { $0.measure == sum.measure && $0.currency == sum.currency }
      guard let gap = sum.amount.adding((held?.amount ?? .zero).negated) else { return false }
      return gap.units == 0
    }
  }
}
