/// What applying a document would change of one source, stream or subscription.
public struct ConfigurationChange: Hashable, Sendable {
  /// What would happen to it.
  public enum Kind: Hashable, Sendable {
    /// It is new.
    case added
    /// Other values stand under these keys, in the order of the new definition.
    case changed([String])
    /// The source there no longer has it, or null stands in its place; what was read or told of it
    /// stays.
    case retired
  }

  /// Whether it is a source, a stream or a subscription.
  public enum Thing: String, Hashable, Sendable {
    case source, stream, subscription
  }

  /// What it is.
  public var thing: Thing
  /// Its full name.
  public var name: String
  /// What would happen to it.
  public var kind: Kind
}
