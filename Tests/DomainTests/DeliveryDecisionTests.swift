import Domain
import Testing

@Suite struct DeliveryDecisionTests {
  private static let hour: Int64 = 3_600_000_000

  @Test("what was taken is done, and what is gone disables the subscription")
  func ends() {
    var generator = Seeded(1)
    #expect(
      DeliveryDecision.decide(.delivered, attempt: 1, age: 0, using: &generator) == .delivered)
    #expect(
      DeliveryDecision.decide(.gone(message: "410."), attempt: 1, age: 0, using: &generator)
        == .giveUp(message: "410.", disablesSubscription: true))
  }

  @Test("a failure is retried ever later for three days, the last time when they end")
  func schedule() {
    for seed in UInt64(0)..<200 {
      var generator = Seeded(seed)
      var age: Int64 = 0
      var attempt = 0
      var pauses: [Int64] = []
      while true {
        attempt += 1
        let decision = DeliveryDecision.decide(
          .failed(message: "502.", retryAfter: nil), attempt: attempt, age: age, using: &generator)
        guard case .retry(let after, "502.") = decision else {
          #expect(decision == .giveUp(message: "502.", disablesSubscription: false))
          break
        }
        #expect(after > 0, "seed \(seed)")
        pauses.append(after)
        age += after
      }
      #expect(age == 72 * Self.hour, "seed \(seed)")
      #expect(12...16 ~= attempt, "seed \(seed): \(attempt)")
      #expect(4_000_000...6_000_000 ~= pauses[0], "seed \(seed)")
      for (earlier, later) in zip(pauses.dropLast(), pauses.dropLast().dropFirst()) {
        #expect(later * 3 > earlier * 2, "seed \(seed): \(pauses)")
      }
    }
  }

  @Test("pauses differ between those who failed together")
  func jitter() {
    var generator = Seeded(7)
    let pauses = Set(
      (0..<50).map { _ in
        DeliveryDecision.decide(
          .failed(message: "", retryAfter: nil), attempt: 4, age: 0, using: &generator)
      })
    #expect(pauses.count > 40)
  }

  @Test("a receiver is given the patience it asks for, but not beyond the three days")
  func retryAfter() {
    var generator = Seeded(3)
    let asked = DeliveryDecision.decide(
      .failed(message: "429.", retryAfter: 5 * Self.hour), attempt: 1, age: 0, using: &generator)
    #expect(asked == .retry(after: 5 * Self.hour, message: "429."))
    let late = DeliveryDecision.decide(
      .failed(message: "429.", retryAfter: 24 * Self.hour), attempt: 5, age: 70 * Self.hour,
      using: &generator)
    #expect(late == .retry(after: 2 * Self.hour, message: "429."))
    let shorter = DeliveryDecision.decide(
      .failed(message: "429.", retryAfter: 1), attempt: 5, age: 0, using: &generator)
    guard case .retry(let after, _) = shorter else {
      Issue.record("given up: \(shorter)")
      return
    }
    #expect(after > 20 * 60_000_000)
  }

  @Test("counts and ages that make no sense do not trap")
  func extremes() {
    var generator = Seeded(5)
    for attempt in [Int.min, 0, .max] {
      for age in [Int64.min, -1, .max] {
        let decision = DeliveryDecision.decide(
          .failed(message: "x", retryAfter: .max), attempt: attempt, age: age, using: &generator)
        #expect(decision != .delivered)
      }
    }
  }
}
