/// How a partition stands, as its holder is told when it renews its lease.
public struct LeaseStanding: Hashable, Sendable {
  /// How a claim stands.
  public enum Claim: Hashable, Sendable {
    /// It is held, and can be committed to.
    case held
    /// Its lease ran out before anybody noticed: it can only be given back.
    case expired
    /// It is another's, or has ended.
    case lost
  }

  /// Which partition, and under which fence it was asked for.
  public var held: HeldPartition
  /// How the claim stands.
  public var claim: Claim
  /// Whether the backfill is paused, so that the partition should be given back.
  public var isPaused: Bool
  /// For how many more microseconds the source asks for patience; nil where it does not.
  public var patience: Int64?
  /// Why, for people.
  public var patienceReason: String?
}

/// A claim of which its worker may not know.
public struct ClaimOnRecord: Hashable, Sendable {
  /// The partition and its fence.
  public var held: HeldPartition
  /// How many attempts had failed since the last progress.
  public var failures: Int32
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
