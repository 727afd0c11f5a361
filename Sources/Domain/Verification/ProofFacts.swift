/// What a verification came to as a whole, for notices and for `show`.
public struct ProofFacts: Hashable, Sendable {
  /// How many partitions were compared.
  public var partitions: Int
  /// How many of them are equal.
  public var equal: Int
  /// The records of all of them.
  public var counts: ProofCounts
  /// What the documents come to that the source no longer has, by measure and currency.
  public var goneSums: [BackfillFacts.Sum]
  /// The windows that differ, or as many as are named.
  public var differing: [Window]

  /// What a verification came to.
  public init(
    partitions: Int, equal: Int, counts: ProofCounts, goneSums: [BackfillFacts.Sum] = [],
    differing: [Window] = []
  ) {
    self.partitions = partitions
    self.equal = equal
    self.counts = counts
    self.goneSums = goneSums
    self.differing = differing
  }

  /// Whether everything that was compared is equal.
  public var isEqual: Bool { equal == partitions }
}
