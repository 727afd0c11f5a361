/// What a private cluster is to be like.
public struct ClusterConfiguration: Sendable {
  /// The directory under which everything lies; absolute.
  public var home: String
  /// The value of PATH, searched for the server programs before the places of the distributions.
  public var path: String?
  /// Whether commits survive a crash of the machine; they always survive one of the server.
  public var durability = Durability.full
  /// Settings beside or instead of our own, by PostgreSQL's names.
  public var settings: [String: String] = [:]

  /// A cluster under `home`, with full durability.
  public init(home: String, path: String? = nil) {
    self.home = home
    self.path = path
  }

  /// How much is done so that commits survive.
  public enum Durability: Sendable {
    /// A commit is on the disk before it is acknowledged.
    case full
    /// Nothing waits for the disk; for tests and benches, which make their own clusters.
    case off
  }
}
