/// How far a connector was proved to read its source whole and only once.
public enum ConnectorStanding: Hashable, Sendable {
  /// Its tests read a fake that behaves as the source is documented, in the traps named here too,
  /// and are failed by connectors that were broken on purpose.
  case certified(against: String)
  /// It says what public documentation says.
  case declared

  /// One word for tables.
  public var word: String {
    switch self {
    case .certified: "certified"
    case .declared: "declared"
    }
  }
}
