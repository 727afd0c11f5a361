import Domain
import Testing

@Suite struct RetryDecisionTests {
  private let retryable: [SourceFailure.Kind] = [
    .unavailable, .network, .timeout, .invalidPage, .endless,
  ]

  @Test(
    "what asking again does not mend fails at once",
    arguments: [
      SourceFailure.Kind.unauthorized, .refused, .misconfigured, .tooManyRejected,
    ])
  func failsAtOnce(kind: SourceFailure.Kind) {
    var generator = Seeded(1)
    let decision = RetryDecision.decide(
      SourceFailure(kind, ""), failuresWithoutProgress: 1, using: &generator)
    #expect(decision == .fail(.notRetryable))
  }

  @Test("attempts without progress are counted up to the limit")
  func stopsAtTheLimit() {
    var generator = Seeded(1)
    for kind in retryable {
      for failures in 1...8 {
        let decision = RetryDecision.decide(
          SourceFailure(kind, ""), failuresWithoutProgress: failures, rule: RetryRule(attempts: 5),
          using: &generator)
        #expect((decision == .fail(.attemptsSpent)) == (failures >= 5), "\(kind) \(failures)")
      }
    }
  }

  @Test("a source that asks for patience gets it for ever, and no attempt is spent")
  func waitsForPatience() {
    var generator = Seeded(1)
    let decision = RetryDecision.decide(
      SourceFailure(.rateLimited, "", retryAfter: 2_000_000), failuresWithoutProgress: 100,
      rule: RetryRule(attempts: 5), using: &generator)
    guard case .retry(let delay, spendsAttempt: false) = decision else {
      Issue.record("\(decision)")
      return
    }
    #expect(2_000_000...2_200_000 ~= delay)
  }

  @Test(
    "the delay lies between the base and base plus cap, and its bound doubles",
    arguments: Seeded.seeds(1))
  func staysInBounds(seed: UInt64) {
    var generator = Seeded(seed)
    for kind in retryable {
      for failures in 1...70 {
        let bounds: [SourceFailure.Kind: (Int64, Int64)] = [
          .unavailable: (2, 300), .network: (1, 120), .timeout: (5, 300), .invalidPage: (5, 300),
          .endless: (5, 300),
        ]
        let (base, cap) = bounds[kind] ?? (0, 0)
        let ceiling = failures > 20 ? cap : min(cap, base << (failures - 1))
        for _ in 0..<20 {
          let decision = RetryDecision.decide(
            SourceFailure(kind, ""), failuresWithoutProgress: failures,
            rule: RetryRule(attempts: .max),
            using: &generator)
          guard case .retry(let delay, spendsAttempt: true) = decision else {
            Issue.record("\(decision), seed \(seed)")
            return
          }
          #expect(
            base * 1_000_000...(base + ceiling) * 1_000_000 ~= delay,
            "\(kind) \(failures), seed \(seed)")
        }
      }
    }
  }

  @Test(
    "delays are spread: the mean of many is the middle of the bounds", arguments: Seeded.seeds(1))
  func spreads(seed: UInt64) {
    var generator = Seeded(seed)
    let backoff = Backoff(base: 2, cap: 300)
    let delays = (0..<4_000).map { _ in backoff.delay(after: 5, using: &generator) }
    let mean = Double(delays.reduce(0, +)) / Double(delays.count) / 1_000_000
    #expect(abs(mean - 18) < 0.7, "seed \(seed)")
    #expect(Set(delays).count > 3_900, "seed \(seed)")
  }

  @Test(
    "what the source says is never undercut, and absurd words are cut to a day",
    arguments: Seeded.seeds(1))
  func keepsTheSourcesWord(seed: UInt64) {
    var generator = Seeded(seed)
    for kind in retryable + [.rateLimited] {
      for asked in [1, 1_000_000, 60_000_000, 86_400_000_000, 400_000_000_000_000, Int64.max] {
        let decision = RetryDecision.decide(
          SourceFailure(kind, "", retryAfter: asked), failuresWithoutProgress: 1, using: &generator)
        guard case .retry(let delay, _) = decision else {
          Issue.record("\(decision)")
          return
        }
        let kept = min(asked, 86_400_000_000)
        #expect(kept...(kept + 10_000_000) ~= delay, "\(kind) \(asked), seed \(seed)")
      }
    }
  }

  @Test("what the source says is kept to the microsecond where no jitter is added")
  func keepsTheExactWord() {
    var generator = Seeded(8)
    #expect(Backoff(base: 0, cap: 0).delay(after: 3, asked: 5, using: &generator) == 5)
  }

  @Test("a word of nothing or less is no word", arguments: [0, -1, Int64.min])
  func ignoresNonsense(asked: Int64) {
    var generator = Seeded(6)
    let failure = SourceFailure(.rateLimited, "", retryAfter: asked)
    let decision = RetryDecision.decide(failure, failuresWithoutProgress: 0, using: &generator)
    guard case .retry(let delay, spendsAttempt: false) = decision else {
      Issue.record("\(decision)")
      return
    }
    #expect(1_000_000...2_000_000 ~= delay)
  }

  @Test("the same generator gives the same decision")
  func isDeterministic() {
    var (first, second) = (Seeded(9), Seeded(9))
    let failure = SourceFailure(.timeout, "")
    #expect(
      RetryDecision.decide(failure, failuresWithoutProgress: 2, using: &first)
        == RetryDecision.decide(failure, failuresWithoutProgress: 2, using: &second))
  }
}
