/// How far the verification of a partition has come, as its checkpoint keeps it.
///
/// The mark is the last batch that the store had given a number to when the verification began:
/// what later batches wrote is not judged.
public enum VerificationCheckpoint: Hashable, Sendable {
  /// Pages are being listed, from a cursor on; nil for the first.
  case listing(mark: Int64, cursor: String?)
  /// All is listed; what does not stand as it should is being judged, from a place on.
  case judging(mark: Int64, after: Place?)

  /// One of the records that are judged in order.
  public struct Place: Hashable, Sendable {
    /// Its key, or what stands for one.
    public var key: String
    /// Whether it is a record that cannot be taken.
    public var isRejected: Bool

    /// A place in the order.
    public init(key: String, isRejected: Bool) {
      self.key = key
      self.isRejected = isRejected
    }
  }

  /// The checkpoint that a partition kept; nil for a text that is none.
  public init?(_ text: String) {
    let parts = text.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4, let mark = Int64(parts[1]) else { return nil }
    let rest = String(parts[3])
    switch (parts[0], parts[2]) {
    case ("list", "first"): self = .listing(mark: mark, cursor: nil)
    case ("list", "at"): self = .listing(mark: mark, cursor: rest)
    case ("judge", "first"): self = .judging(mark: mark, after: nil)
    case ("judge", "after"):
      self = .judging(mark: mark, after: Place(key: rest, isRejected: false))
    case ("judge", "behind"):
      self = .judging(mark: mark, after: Place(key: rest, isRejected: true))
    default: return nil
    }
  }

  /// The checkpoint as it is kept.
  public var text: String {
    switch self {
    case .listing(let mark, nil): "list \(mark) first "
    case .listing(let mark, let cursor?): "list \(mark) at \(cursor)"
    case .judging(let mark, nil): "judge \(mark) first "
    case .judging(let mark, let place?):
      "judge \(mark) \(place.isRejected ? "behind" : "after") \(place.key)"
    }
  }
}
