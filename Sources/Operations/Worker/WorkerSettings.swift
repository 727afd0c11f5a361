public import Domain

/// How a worker works.
public struct WorkerSettings: Sendable {
  /// Host and process, such as `etl-2:4711`.
  public var name: String
  /// The program's version.
  public var version: String
  /// How many partitions it runs at once, at least one.
  public var concurrency: Int
  /// The time within which the partitions of a worker that died are claimed again, in seconds.
  public var leaseSeconds: Double
  /// After so many seconds without a page or a commit a run loses its lease, although the process
  /// lives; longer than any single request may take.
  public var stallSeconds: Double
  /// How often an idle worker looks for work of which it was not told, in seconds.
  public var pollSeconds: Double
  /// How much of a partition one attempt reads before the rest is shared out, where the source
  /// gives the oldest records first.
  public var partitionBudget: PartitionBudget

  /// Settings with the usual times.
  public init(
    name: String, version: String, concurrency: Int, leaseSeconds: Double = 15,
    stallSeconds: Double = 900, pollSeconds: Double = 1,
    partitionBudget: PartitionBudget = PartitionBudget()
  ) {
    self.name = name
    self.version = version
    self.concurrency = max(1, concurrency)
    self.leaseSeconds = leaseSeconds
    self.stallSeconds = stallSeconds
    self.pollSeconds = pollSeconds
    self.partitionBudget = partitionBudget
  }

  /// How long a claim lasts without a sign of life, in seconds: shorter than the lease by what it
  /// takes to notice its end, to back off and to claim, so that the promise of the lease is kept.
  public var claimSeconds: Double { leaseSeconds * 0.8 }
}
