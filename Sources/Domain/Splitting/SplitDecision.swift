/// What becomes of a partition whose window holds more than its source gives.
public enum SplitDecision: Hashable, Sendable {
  /// Two take its place, the first up to this instant and the second from it on.
  case cut(at: Instant)
  /// It fails: no smaller window can be asked for.
  case fail(SourceFailure)

  /// Decides after a source said, or showed, that a window holds more than it gives.
  ///
  /// Nothing that was read of the window counts as complete: both parts are read from their
  /// beginnings, and what is stored already is met again unchanged. Where `boundaries` are given, it
  /// is cut at one of them and nowhere else.
  public static func decide(
    _ failure: SourceFailure, over window: Window, rule: SplitRule, boundaries: [Instant]? = nil
  ) -> SplitDecision {
    if let cut = cut(window, rule, boundaries) { return .cut(at: cut) }
    var final = failure
    final.message =
      failure.message + (failure.message.hasSuffix(".") ? " " : ". ")
      + "The window \(Wording.window(window, in: rule.zone)) cannot be made smaller; narrow the stream "
      + "by another filter of the source, or read it in another way."
    return .fail(final)
  }

  private static func cut(
    _ window: Window, _ rule: SplitRule, _ boundaries: [Instant]?
  ) -> Instant? {
    guard let boundaries else { return rule.middle(of: window) }
    let middle = window.from.adding(
      microseconds: window.to.microseconds(since: window.from) / 2)
    return boundaries.filter { window.from < $0 && $0 < window.to }
      .min { $0.distance(to: middle) < $1.distance(to: middle) }
  }
}
