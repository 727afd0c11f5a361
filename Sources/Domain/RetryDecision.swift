/// What becomes of a partition whose attempt a source made fail.
public enum RetryDecision: Hashable, Sendable {
  /// It is tried again after so many microseconds.
  case retry(after: Int64, spendsAttempt: Bool)
  /// It fails for good.
  case fail(Reason)

  /// Why a partition fails for good.
  public enum Reason: String, CaseIterable, Sendable {
    /// As many attempts in a row made no progress as are allowed.
    case attemptsSpent = "attempts_spent"
    /// Asking again would not help.
    case notRetryable = "not_retryable"
  }

  /// Decides after a failed attempt.
  ///
  /// `failuresWithoutProgress` counts the attempts in a row that failed without a commit, this one
  /// included. Patience spends no attempt, however often it is asked for. What the source says
  /// about when to come back is kept: never earlier, up to a day.
  public static func decide(
    _ failure: SourceFailure, failuresWithoutProgress: Int, rule: RetryRule = .standard,
    using generator: inout some RandomNumberGenerator
  ) -> RetryDecision {
    guard var backoff = Backoff(failure.kind) else { return .fail(.notRetryable) }
    let isPatience = failure.kind == .rateLimited
    if !isPatience, failuresWithoutProgress >= rule.attempts { return .fail(.attemptsSpent) }
    if let base = rule.base { backoff.base = base }
    let times = isPatience ? 1 : failuresWithoutProgress
    let delay = backoff.delay(after: times, asked: failure.retryAfter, using: &generator)
    return .retry(after: delay, spendsAttempt: !isPatience)
  }
}
