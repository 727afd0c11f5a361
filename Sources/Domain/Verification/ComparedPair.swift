/// What two streams have under one match, in one currency: an order and its charge.
public struct ComparedPair: Hashable, Sendable {
  /// What one stream has.
  public struct Side: Hashable, Sendable {
    /// How many documents.
    public var records: Int64
    /// What they come to, before anything was given back.
    public var amount: Amount
    /// What of it was given back: the sum of all negative measures, without its sign.
    public var refunded: Amount
    /// The day of the first; nil without a document.
    public var day: CivilDate?

    /// What one stream has.
    public init(records: Int64, amount: Amount, refunded: Amount, day: CivilDate?) {
      self.records = records
      self.amount = amount
      self.refunded = refunded
      self.day = day
    }
  }

  /// What is said of a pair.
  public enum Verdict: String, CaseIterable, Sendable {
    /// Both sides agree.
    case equal
    /// Only the first stream has it.
    case missingInSecond = "missing_in_second"
    /// Only the second stream has it.
    case missingInFirst = "missing_in_first"
    /// One side has more documents than the other, and the amounts do not agree: charged twice.
    case doubled
    /// The amounts agree, and what was given back does not: refunded on one side only.
    case refunded
    /// The amounts differ.
    case different
    /// All agrees but the day.
    case otherDay = "other_day"
  }

  /// The value by which the streams are matched.
  public var match: String
  /// The currency; empty where no measure has one.
  public var currency: String
  /// What the first stream has.
  public var first: Side
  /// What the second stream has.
  public var second: Side

  /// A pair.
  public init(match: String, currency: String, first: Side, second: Side) {
    self.match = match
    self.currency = currency
    self.first = first
    self.second = second
  }

  /// What is said of the pair, where days may lie so far apart: the first of these that holds.
  ///
  /// 1. One side has nothing: missing there.
  /// 2. The amounts differ, and so do the numbers of documents: doubled. Numbers alone are no
  ///    difference: an order may be paid in two parts.
  /// 3. The amounts differ by just what one side knows to have been given back: refunded.
  /// 4. The amounts differ: different.
  /// 5. What was given back differs: refunded.
  /// 6. The days lie further apart: other day.
  public func verdict(daysApart days: Int) -> Verdict {
    if second.records == 0 { return .missingInSecond }
    if first.records == 0 { return .missingInFirst }
    guard Self.areEqual(first.amount, second.amount) else {
      if first.records != second.records { return .doubled }
      return Self.areEqual(first.net, second.net) ? .refunded : .different
    }
    guard Self.areEqual(first.refunded, second.refunded) else { return .refunded }
    if let one = first.day, let other = second.day,
      abs(one.dayNumber - other.dayNumber) > days
    {
      return .otherDay
    }
    return .equal
  }

  /// By how much the second side exceeds the first, when all is given back that was; nil where 38
  /// digits do not hold it.
  public var gap: Amount? {
    guard let one = first.net, let other = second.net else { return nil }
    return other.adding(one.negated)
  }

  private static func areEqual(_ one: Amount?, _ other: Amount?) -> Bool {
    guard let one, let other, let gap = one.adding(other.negated) else { return false }
    return gap.units == 0
  }
}

extension ComparedPair.Side {
  /// What is left when all is given back that was.
  var net: Amount? { amount.adding(refunded.negated) }
}
