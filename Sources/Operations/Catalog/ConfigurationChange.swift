/// What applying a document would change of one source or stream.
public struct ConfigurationChange: Hashable, Sendable {
  /// What would happen to it.
  public enum Kind: Hashable, Sendable {
    /// It is new.
    case added
    /// Other values stand under these keys, in the order of the new definition.
    case changed([String])
    /// The document's source no longer has it; what was read of it stays.
    case retired
  }

  /// Whether it is a source or a stream.
  public enum Thing: String, Hashable, Sendable {
    case source, stream
  }

  /// What it is.
  public var thing: Thing
  /// Its full name.
  public var name: String
  /// What would happen to it.
  public var kind: Kind
}
