/// How often a source may be asked, as it stands in the store.
public struct StoredBudget: Hashable, Sendable {
  /// A limit.
  public struct Limit: Hashable, Sendable {
    /// Its number.
    public var id: Int32
    /// The definition as JSON.
    public var definition: String
    /// The buckets of it that are held.
    public var heldBuckets: [String]
    /// For how many microseconds each of them still is.
    public var heldFor: [Int64]
  }

  /// Grows with each change of the limits.
  public var revision: Int32
  /// For how many microseconds nothing may be asked; nil or not positive where it may.
  public var heldFor: Int64?
  /// Why it was last held.
  public var reason: String?
  /// The limits.
  public var limits: [Limit]
}

/// The row of a source's budget.
struct BudgetRow: Sendable {
  var revision: Int32
  var heldFor: Int64?
  var reason: String?
}
