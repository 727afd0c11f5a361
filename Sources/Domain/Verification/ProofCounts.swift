/// How many records a comparison found on each side, and how many got which verdict.
public struct ProofCounts: Hashable, Sendable {
  /// How many the source has.
  public var source: Int64
  /// How many documents the store has, those marked gone before left out.
  public var store: Int64
  private var verdicts: [Verdict: Int64] = [:]

  /// No record got a verdict but that it is equal.
  public init(source: Int64 = 0, store: Int64 = 0) {
    self.source = source
    self.store = store
  }

  /// How many got a verdict; those that are equal are not counted by themselves.
  public subscript(verdict: Verdict) -> Int64 {
    get { verdicts[verdict] ?? 0 }
    set { verdicts[verdict] = newValue == 0 ? nil : newValue }
  }

  /// How many stand against the proof.
  public var differences: Int64 {
    Verdict.allCases.filter(\.isDifference).reduce(0) { $0 + self[$1] }
  }

  /// The verdicts that are kept, in the order of the tables' columns.
  public static let tableOrder: [Verdict] = [
    .missing, .gone, .different, .kept, .stale, .moved, .refused, .unsettled,
  ]
}
