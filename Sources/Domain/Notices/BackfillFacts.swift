/// What a notice tells of a backfill: taken from the stored backfill and from nothing else.
public struct BackfillFacts: Hashable, Sendable {
  /// A sum that the backfill changed.
  public struct Sum: Hashable, Sendable {
    /// The measure's name.
    public var measure: String
    /// The currency or unit.
    public var currency: String
    /// By how much, an exact decimal with its sign.
    public var amount: String

    /// A sum.
    public init(measure: String, currency: String, amount: String) {
      self.measure = measure
      self.currency = currency
      self.amount = amount
    }
  }

  /// A partition that failed for good.
  public struct Failure: Hashable, Sendable {
    /// Its number.
    public var partition: Int32
    /// What it was to read.
    public var window: Window
    /// The kind of failure, a raw value of `SourceFailure.Kind`.
    public var kind: String
    /// What happened, in one sentence.
    public var message: String

    /// A partition that failed.
    public init(partition: Int32, window: Window, kind: String, message: String) {
      self.partition = partition
      self.window = window
      self.kind = kind
      self.message = message
    }
  }

  /// Which backfill.
  public var backfill: BackfillID
  /// Whether it read a source or took rejected records again.
  public var mode: BackfillMode
  /// The stream's full name.
  public var stream: String
  /// What was to be read.
  public var window: Window
  /// The length of a partition, as it is written.
  public var step: String
  /// Whether partitions were split, so that they are no longer all of that length.
  public var isSplit: Bool
  /// The zone in which the window was written, an IANA name.
  public var timeZone: String
  /// Who asked for it.
  public var requestedBy: String
  /// Why.
  public var reason: String?
  /// How it stands.
  public var state: BackfillState
  /// How many partitions ended how; the rest counts as ready.
  public var partitions: PartitionCounts
  /// What became of the records.
  public var records: OutcomeCounts
  /// What changed of the measures, by name and currency.
  public var sums: [Sum]
  /// The failed partitions, or as many as a notice names, in the order of time.
  public var failures: [Failure]
  /// Partitions that read nothing where their neighbours read many.
  public var empty: [SuspiciouslyEmpty]
  /// What a verification came to; nil for what loads.
  public var proof: ProofFacts?

  /// The facts of a backfill.
  public init(
    backfill: BackfillID, mode: BackfillMode = .load, stream: String, window: Window, step: String,
    isSplit: Bool = false, timeZone: String,
    requestedBy: String, reason: String?, state: BackfillState, partitions: PartitionCounts,
    records: OutcomeCounts, sums: [Sum], failures: [Failure],
    empty: [SuspiciouslyEmpty] = [], proof: ProofFacts? = nil
  ) {
    self.backfill = backfill
    self.mode = mode
    self.stream = stream
    self.window = window
    self.step = step
    self.isSplit = isSplit
    self.timeZone = timeZone
    self.requestedBy = requestedBy
    self.reason = reason
    self.state = state
    self.partitions = partitions
    self.records = records
    self.sums = sums
    self.failures = failures
    self.empty = empty
    self.proof = proof
  }

  /// The source's name.
  public var source: String { String(stream.prefix { $0 != "." }) }
}
