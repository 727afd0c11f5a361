/// A sum of one measure on one day in one currency, on both sides.
public struct DaySum: Hashable, Sendable {
  /// Which sum.
  public struct Key: Hashable, Sendable {
    /// The measure's name.
    public var measure: String
    /// The day in the stream's zone.
    public var day: CivilDate
    /// The currency.
    public var currency: String

    /// Which sum.
    public init(measure: String, day: CivilDate, currency: String) {
      self.measure = measure
      self.day = day
      self.currency = currency
    }
  }

  /// Which sum.
  public var key: Key
  /// What the source's records come to.
  public var source: Amount
  /// What the documents come to, those marked gone left out; nil where the store was written to
  /// meanwhile.
  public var store: Amount?
  /// By how much the store's may exceed the source's, as the verdicts on single records say.
  public var explained: Amount

  /// A sum of both sides.
  public init(key: Key, source: Amount, store: Amount?, explained: Amount = .zero) {
    self.key = key
    self.source = source
    self.store = store
    self.explained = explained
  }

  /// Whether the sides differ by nothing but what single records explain.
  ///
  /// What no record explains is a fault of the sums themselves, such as a measure that was defined
  /// otherwise when the window was loaded: every payload is equal, and yet the sums are not.
  public var isEqual: Bool {
    guard let store else { return true }
    guard let expected = source.adding(explained), let gap = expected.adding(store.negated) else {
      return false
    }
    return gap.units == 0
  }
}
