/// What becomes of a partition whose window holds more than its source gives.
public enum SplitDecision: Hashable, Sendable {
  /// Two take its place, the first up to this instant and the second from it on.
  case cut(at: Instant)
  /// It fails: no smaller window can be asked for.
  case fail(SourceFailure)

  /// Decides after a source said, or showed, that a window holds more than it gives.
  ///
  /// Nothing that was read of the window counts as complete: both parts are read from their
  /// beginnings, and what is stored already is met again unchanged.
  public static func decide(
    _ failure: SourceFailure, over window: Window, rule: SplitRule
  ) -> SplitDecision {
    if let cut = rule.middle(of: window) { return .cut(at: cut) }
    var final = failure
    final.message =
      failure.message + (failure.message.hasSuffix(".") ? " " : ". ")
      + "The window \(Wording.window(window, in: rule.zone)) cannot be made smaller; narrow the stream "
      + "by another filter of the source, or read it in another way."
    return .fail(final)
  }
}
