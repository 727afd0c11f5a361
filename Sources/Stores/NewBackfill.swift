public import Domain

/// A backfill about to be submitted.
public struct NewBackfill: Sendable {
  /// The stream's id in the store.
  public var stream: Int32
  /// The source's id in the store.
  public var source: Int32
  /// The stream's full name.
  public var streamName: String
  /// The definitions of source and stream that it will run with, as JSON.
  public var definition: String
  /// The stream's tags.
  public var tags: [String]
  /// What is to be read.
  public var window: Window
  /// The length of a partition, as written.
  public var step: String
  /// The zone in which the window was written.
  public var timeZone: String
  /// In which order partitions are claimed.
  public var order: ClaimOrder
  /// Which partitions were wanted.
  public var selection: Selection
  /// The answer to a key seen before.
  public var policy: Policy
  /// How many partitions may run at once; nil for no cap.
  public var concurrency: Int32?
  /// Higher goes first.
  public var priority: Int32
  /// Who asked.
  public var requestedBy: String
  /// Why.
  public var reason: String?
  /// The partitions.
  public var plan: Plan
  /// When it was planned.
  public var submittedAt: Instant
  /// What whoever submits it should know before, one sentence each.
  public var warnings: [String]
  /// How many of its partitions are verified together once it has ended, 0 for all; nil where it is
  /// not verified by itself.
  public var verifyBy: Int32?

  /// A backfill about to be submitted.
  public init(
    stream: StreamRow, definition: String, tags: [String], window: Window, step: String,
    timeZone: String, order: ClaimOrder, selection: Selection, policy: Policy,
    concurrency: Int32?, priority: Int32, requestedBy: String, reason: String?, plan: Plan,
    submittedAt: Instant, warnings: [String] = [], verifyBy: Int32? = nil
  ) {
    self.stream = stream.id
    source = stream.source
    streamName = stream.name
    self.definition = definition
    self.tags = tags
    self.window = window
    self.step = step
    self.timeZone = timeZone
    self.order = order
    self.selection = selection
    self.policy = policy
    self.concurrency = concurrency
    self.priority = priority
    self.requestedBy = requestedBy
    self.reason = reason
    self.plan = plan
    self.submittedAt = submittedAt
    self.warnings = warnings
    self.verifyBy = verifyBy
  }
}
