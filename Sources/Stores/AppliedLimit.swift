public import Domain
import JSON

/// A limit to be applied: its definition as JSON, and what follows from it for those who grant.
public struct AppliedLimit: Hashable, Sendable {
  /// How the store counts.
  public enum Kind: String, Sendable {
    /// In slots of time.
    case paced
    /// In slots of time of which a request takes several.
    case metered
    /// Up to a number a day.
    case daily
    /// Those that are under way.
    case concurrent
  }

  /// The name.
  public var name: String
  /// The definition as JSON.
  public var definition: String
  /// How the store counts.
  public var kind: Kind
  /// Microseconds between two slots; zero where none are counted.
  public var spacing: Int64 = 0
  /// For how many microseconds after its slot a request may be granted.
  public var slack: Int64 = 0
  /// For how many microseconds after that it may go out.
  public var lateness: Int64 = 0
  /// How many there may be in a day or at once; zero where slots are counted.
  public var capacity: Int64 = 0
  /// The zone whose days are counted.
  public var zone = "UTC"

  /// What follows from a limit.
  public init(_ limit: RequestLimit) {
    name = limit.name
    definition = limit.json.encoded()
    if let pace = limit.pace {
      (spacing, slack, lateness) = (pace.spacing, pace.slack, pace.lateness)
    }
    switch limit.rule {
    case .tokenBucket, .leakyBucket, .fixedWindow, .movingWindow: kind = .paced
    case .cost: kind = .metered
    case .concurrency(let count):
      kind = .concurrent
      capacity = Int64(count)
    case .daily(let count, let zone):
      kind = .daily
      capacity = Int64(limit.withoutReserve(count))
      self.zone = zone
    }
  }
}
