/// Who may make an event happen.
public enum Participant: String, CaseIterable, Sendable {
  /// The worker that holds the lease, or is about to.
  case worker
  /// The one process that looks for leases that ran out.
  case rescuer
  /// A person with the right to steer; audited.
  case `operator`
  /// The one process that folds what was committed.
  case sequencer
}
