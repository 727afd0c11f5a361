/// What came of one attempt to deliver a notice.
public enum DeliveryAnswer: Hashable, Sendable {
  /// The receiver took it.
  case delivered
  /// The receiver says that it wants no more of them (410).
  case gone(message: String)
  /// It was not taken, for a reason told in one sentence without secrets; the receiver may have
  /// asked for so many microseconds of patience.
  case failed(message: String, retryAfter: Int64?)
}

/// What becomes of a delivery after an attempt.
public enum DeliveryDecision: Hashable, Sendable {
  /// It is done.
  case delivered
  /// It is tried again after so many microseconds.
  case retry(after: Int64, message: String)
  /// It is given up; the subscription gets nothing more where the receiver asked for that.
  case giveUp(message: String, disablesSubscription: Bool)

  /// How long notices are retried, in microseconds: three days.
  public static let patience: Int64 = 72 * 3_600_000_000

  /// The pauses after the first attempts, in seconds; the last one repeats.
  private static let pauses: [Int64] = [
    5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 28_800, 43_200,
  ]

  /// Decides after an attempt, `age` microseconds after the notice could first be delivered.
  ///
  /// A pause varies by a fifth either way, so that those who failed together do not come back
  /// together; it is never shorter than the receiver asked for. The last attempt is made when the
  /// three days end.
  public static func decide(
    _ answer: DeliveryAnswer, attempt: Int, age: Int64,
    using generator: inout some RandomNumberGenerator
  ) -> DeliveryDecision {
    switch answer {
    case .delivered: return .delivered
    case .gone(let message): return .giveUp(message: message, disablesSubscription: true)
    case .failed(let message, let asked):
      let left = patience - max(0, age)
      guard left > 0 else {
        return .giveUp(message: message, disablesSubscription: false)
      }
      let pause = pauses[min(max(attempt, 1), pauses.count) - 1] * 1_000_000
      let varied = pause + Int64.random(in: -pause / 5...pause / 5, using: &generator)
      return .retry(after: min(max(varied, asked ?? 0), left), message: message)
    }
  }
}
