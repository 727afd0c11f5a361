public import Domain

/// How a partition stands, as its holder is told when it renews its lease.
public struct LeaseStanding: Hashable, Sendable {
  /// Which partition.
  public var id: PartitionID
  /// Whether it is still held: otherwise nothing can be committed to it any more.
  public var isHeld: Bool
  /// Whether the backfill is paused, so that the partition should be given back.
  public var isPaused: Bool
}

/// A partition whose worker let the lease run out.
public struct LostPartition: Hashable, Sendable {
  /// The partition, and the fence of the worker that lost it.
  public var held: HeldPartition
  /// How many attempts had failed since the last progress, before this one.
  public var failures: Int32
  /// Whether this attempt committed anything.
  public var madeProgress: Bool
  /// The worker.
  public var worker: WorkerID
  /// Its name, as long as it is remembered.
  public var workerName: String?
  /// The stream's full name.
  public var stream: String
  /// The definition that its backfill was submitted with, as JSON.
  public var definition: String

  /// The worker, for people.
  public var workerLabel: String { workerName ?? "worker \(worker.rawValue)" }
}

/// A worker process, as it registered itself.
public struct WorkerID: RawRepresentable, Hashable, Sendable {
  /// The number.
  public var rawValue: Int64

  /// A worker by its number.
  public init(rawValue: Int64) {
    self.rawValue = rawValue
  }
}
