public import Domain

/// Asks a source once more, so that what was loaded can be compared with it.
///
/// It shares neither windows nor paging with the connector that loads: where that leaves a record
/// out, this one finds it.
public protocol SourceVerifier: Sendable {
  /// What the source itself says of a window; nil where it says nothing that can be relied on.
  func totals(of window: Window) async throws(SourceFailure) -> TotalsAnswer

  /// Lists the records of a window and of as much around it as is convenient, from a cursor on, and
  /// hands them on page by page; a page whose taker answers false is the last.
  func list(
    _ request: PageRequest, _ take: @escaping @Sendable (Page) async -> Bool
  ) async throws(SourceFailure)
}

/// What a source says of a window by itself.
public struct TotalsAnswer: Sendable {
  /// The totals; nil where the source says nothing that can be relied on.
  public var totals: SourceTotals?
  /// How many requests it took.
  public var requests: Int

  /// An answer.
  public init(totals: SourceTotals?, requests: Int) {
    self.totals = totals
    self.requests = requests
  }
}
