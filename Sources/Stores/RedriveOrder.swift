public import Domain
public import JSON

/// Rejected records that are to be taken again.
public struct RedriveOrder: Sendable {
  /// The rejections that are closed by it, in order.
  public var rejections: [Int64]
  /// The stream.
  public var stream: StreamRow
  /// The definitions of source and stream as they are now, as JSON.
  public var definition: String
  /// The stream's tags.
  public var tags: [String]
  /// What the partitions covered in which the records were read.
  public var window: Window
  /// The stream's step, as written.
  public var step: String
  /// The stream's zone.
  public var timeZone: String
  /// The answer to a key seen before.
  public var policy: Policy
  /// Fields left out when two payloads are compared.
  public var exclude: [JSONPath]
  /// The names of the measures, as the batch numbers them.
  public var measures: [String]
  /// The process that does it, and its version.
  public var worker: String
  /// The version of the program.
  public var version: String
  /// Who asked.
  public var requestedBy: String
  /// Why.
  public var reason: String
  /// The records.
  public var batch: Batch

  /// An order to take records again, under the stream's present definition.
  public init(
    rejections: [Int64], stream: StreamRow, definition: BackfillDefinition, window: Window,
    worker: String, version: String, requestedBy: String, reason: String, batch: Batch
  ) {
    self.rejections = rejections
    self.stream = stream
    self.definition = definition.json.encoded()
    tags = definition.stream.tags
    self.window = window
    step = definition.stream.step.description
    timeZone = definition.stream.timeZone
    policy = definition.stream.policy
    exclude = definition.stream.exclude
    measures = definition.stream.measures.map(\.name)
    self.worker = worker
    self.version = version
    self.requestedBy = requestedBy
    self.reason = reason
    self.batch = batch
  }

  /// The only batch of the backfill's only partition; each of its records was looked at before, so
  /// that none can be too many.
  func commit(of backfill: BackfillID) -> CommitOrder {
    CommitOrder(
      partition: PartitionID(backfill: backfill, number: 1), fence: 1, sequence: 1,
      stream: stream.id, policy: policy, exclude: exclude, measures: measures,
      rejectLimit: RejectLimit(share: 1), cursor: nil, end: .succeeded, isProbe: false,
      leaseSeconds: 60, batch: batch)
  }
}

/// What became of rejected records that were taken again.
public struct Redriven: Hashable, Sendable {
  /// The backfill that took them.
  public var backfill: BackfillID
  /// What became of them.
  public var records: OutcomeCounts
}
