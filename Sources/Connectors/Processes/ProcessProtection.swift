/// What stands between a program and the rest of the machine.
public struct ProcessProtection: Hashable, Sendable {
  /// How far the program reaches into the machine.
  public enum Machine: Hashable, Sendable {
    /// Its own view of files and processes (bubblewrap).
    case isolated
    /// The machine as its user sees it; the reason ends the sentence "bubblewrap is not used: …".
    case shared(because: String)
  }

  /// How far the program reaches into the network.
  public enum Network: Hashable, Sendable {
    /// Nowhere.
    case none
    /// Through the egress guard alone.
    case guarded
    /// Through the egress guard, as far as the program heeds its variables.
    case advised
    /// Everywhere.
    case open
  }

  /// How far the program reaches into the machine.
  public var machine: Machine
  /// How far it reaches into the network.
  public var network: Network
}

extension ProcessProtection: CustomStringConvertible {
  /// One sentence for people.
  public var description: String {
    let machine =
      switch machine {
      case .isolated: "isolated by bubblewrap"
      case .shared(let reason): "not isolated (\(reason))"
      }
    let network =
      switch network {
      case .none: "without network"
      case .guarded: "with the egress guard as its only way out"
      case .advised: "with the egress guard as its proxy, which it could pass by"
      case .open: "with an open network"
      }
    return "\(machine), \(network), bounded in memory, files, processes and time"
  }
}
