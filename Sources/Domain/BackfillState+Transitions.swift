/// What happens to a backfill.
public enum BackfillEvent: String, CaseIterable, Sendable {
  /// A second person agrees.
  case approved
  /// It is held back: no more partitions are claimed.
  case paused
  /// It is no longer held back.
  case resumed
  /// It is ended at once.
  case cancelled
  /// Its last open partition ended, and every one that was needed has succeeded.
  case succeeded
  /// Its last open partition ended, and some succeeded.
  case partlyFailed = "partly_failed"
  /// Its last open partition ended, and none succeeded.
  case failed
  /// Some of its partitions are to run again; what is wanted of it is then that it runs.
  case retried
}

extension BackfillState {
  /// One legal step from state to state.
  public struct Transition: Hashable, Sendable {
    /// The state before.
    public let from: BackfillState
    /// What happens.
    public let event: BackfillEvent
    /// The state after.
    public let to: BackfillState
    /// Who may make it happen.
    public let actors: Set<Participant>
  }

  /// The states in which a backfill begins; it has succeeded at once where nothing was needed.
  public static let initial: [BackfillState] = [.awaitingApproval, .running, .succeeded]

  /// Every legal step; what is not here is illegal.
  public static let transitions: [Transition] =
    [
      row(.awaitingApproval, .approved, .running, .operator),
      row(.awaitingApproval, .cancelled, .cancelled, .operator),
      row(.running, .paused, .paused, .operator),
      row(.paused, .resumed, .running, .operator),
      row(.running, .cancelled, .cancelled, .operator),
      row(.paused, .cancelled, .cancelled, .operator),
      row(.partiallyFailed, .retried, .running, .operator),
      row(.failed, .retried, .running, .operator),
      row(.cancelled, .retried, .running, .operator),
      // An operator gave up the last partitions that had failed.
      row(.partiallyFailed, .succeeded, .succeeded, .sequencer),
      row(.failed, .succeeded, .succeeded, .sequencer),
    ]
    // A paused backfill ends too, when those of its partitions end that were being worked on.
    + [.running, .paused].flatMap { from in
      [
        row(from, .succeeded, .succeeded, .sequencer),
        row(from, .partlyFailed, .partiallyFailed, .sequencer),
        row(from, .failed, .failed, .sequencer),
      ]
    }

  /// The state after an event; nil where the event is illegal, or not the actor's to make.
  public func after(_ event: BackfillEvent, by actor: Participant) -> BackfillState? {
    Self.transitions.first {
      $0.from == self && $0.event == event && $0.actors.contains(actor)
    }?.to
  }

  private static func row(
    _ from: BackfillState, _ event: BackfillEvent, _ to: BackfillState, _ actor: Participant
  ) -> Transition {
    Transition(from: from, event: event, to: to, actors: [actor])
  }
}
