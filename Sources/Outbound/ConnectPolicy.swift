/// Judges every address that a connection is about to be made to, after names were resolved: what
/// it lets pass is what is really connected to.
public struct ConnectPolicy: Sendable {
  /// An address about to be connected to.
  public struct Address: Hashable, Sendable {
    /// The address in network order: 4 bytes of IPv4 or 16 of IPv6.
    public var bytes: [UInt8]
    /// The port.
    public var port: UInt16
  }

  /// Whether a connection may be made.
  public enum Decision: Hashable, Sendable {
    case allowed
    /// Refused, for a reason that completes "the address … is refused: …".
    case refused(String)
  }

  private let judge: @Sendable (Address, String) -> Decision

  /// A policy that asks a function; it is called on the thread of the transfers and must not wait.
  public init(_ judge: @escaping @Sendable (Address) -> Decision) {
    self.judge = { address, _ in judge(address) }
  }

  /// A policy that asks a function of the address and of the host that led to it, in small letters.
  public init(byHost judge: @escaping @Sendable (Address, String) -> Decision) {
    self.judge = judge
  }

  /// Lets every address pass.
  public static let any = ConnectPolicy { _ in .allowed }

  func decide(_ address: Address, for host: String) -> Decision { judge(address, host) }
}
