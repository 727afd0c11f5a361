extension PartitionState {
  /// One legal step from state to state.
  public struct Transition: Hashable, Sendable {
    /// The state before.
    public let from: PartitionState
    /// What happens.
    public let event: PartitionEvent
    /// The state after.
    public let to: PartitionState
    /// Who may make it happen.
    public let actors: Set<Participant>
  }

  /// The states in which a partition begins: planned, or planned but not needed.
  public static let initial: [PartitionState] = [.ready, .skipped]

  /// Every legal step; what is not here is illegal.
  public static let transitions: [Transition] = [
    row(.ready, .claimed, .running, .worker),
    row(.waiting, .claimed, .running, .worker),
    row(.running, .batchCommitted, .running, .worker),
    row(.running, .completed, .succeeded, .worker),
    row(.running, .rateLimited, .waiting, .worker),
    row(.running, .attemptFailed, .waiting, .worker),
    row(.running, .gaveUp, .failed, .worker, .rescuer),
    row(.running, .released, .waiting, .worker),
    row(.running, .lost, .waiting, .rescuer),
    row(.running, .split, .replaced, .worker),
    row(.running, .sharedOut, .succeeded, .worker),
    row(.failed, .retried, .ready, .operator),
    row(.cancelled, .retried, .ready, .operator),
    row(.ready, .setAside, .quarantined, .operator),
    row(.waiting, .setAside, .quarantined, .operator),
    row(.running, .setAside, .quarantined, .operator),
    row(.quarantined, .putBack, .ready, .operator),
    row(.failed, .skipped, .skipped, .operator),
    row(.quarantined, .skipped, .skipped, .operator),
    row(.ready, .cancelled, .cancelled, .operator),
    row(.waiting, .cancelled, .cancelled, .operator),
    row(.running, .cancelled, .cancelled, .operator),
    row(.quarantined, .cancelled, .cancelled, .operator),
  ]

  /// The state after an event; nil where the event is illegal, or not the actor's to make.
  public func after(_ event: PartitionEvent, by actor: Participant) -> PartitionState? {
    Self.transitions.first {
      $0.from == self && $0.event == event && $0.actors.contains(actor)
    }?.to
  }

  /// The states in which an event may happen, for a query that looks for them.
  public static func before(_ event: PartitionEvent) -> [PartitionState] {
    transitions.filter { $0.event == event }.map(\.from)
  }

  private static func row(
    _ from: PartitionState, _ event: PartitionEvent, _ to: PartitionState, _ actors: Participant...
  ) -> Transition {
    Transition(from: from, event: event, to: to, actors: Set(actors))
  }
}
