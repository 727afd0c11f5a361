/// How much of a partition one attempt reads before the rest is shared out.
public struct PartitionBudget: Hashable, Sendable {
  /// Pages.
  public var pages: Int
  /// Microseconds.
  public var time: Int64

  /// A budget; what is not given is as usual: 5,000 pages, or ten minutes.
  public init(pages: Int = 5_000, time: Int64 = 600_000_000) {
    self.pages = pages
    self.time = time
  }

  /// Whether an attempt that has read so many pages in so many microseconds has used it up.
  public func isSpent(pages: Int, time: Int64) -> Bool {
    pages >= self.pages || time >= self.time
  }
}
