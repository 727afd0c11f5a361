public import Domain

/// What a process that runs the programs of sources gives them and hears of them.
public struct ProgramHost: Sendable {
  /// An executable that calls `EgressGate.enterIfAsked` first, by its path.
  ///
  /// Without one a program in a sandbox is only advised to go through the egress guard.
  public var gate: String?
  /// Random bits for passwords.
  public var random: @Sendable () -> UInt64
  /// Hears of programs that were started, and of what protects the machine from them.
  public var tell: @Sendable (Event) -> Void

  /// A host of programs.
  public init(
    gate: String?, random: @escaping @Sendable () -> UInt64,
    tell: @escaping @Sendable (Event) -> Void
  ) {
    self.gate = gate
    self.random = random
    self.tell = tell
  }
}
