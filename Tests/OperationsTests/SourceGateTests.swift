import Domain
import Testing

@testable import Operations

@Suite("The gate of a source", .timeLimit(.minutes(1)))
struct SourceGateTests {
  private let clock = ManualClock()
  private var gate: SourceGate { SourceGate(now: clock.now) }

  private func refusal(_ asked: Int64?) -> SourceFailure {
    SourceFailure(.rateLimited, "shop asks for patience (429).", retryAfter: asked)
  }

  @Test("is open until the source asks for patience, and again when that has passed")
  func opens() async {
    let gate = gate
    #expect(await gate.pass() == nil)
    _ = gate.noted(refusal(90_000_000))
    clock.advance(microseconds: 30_000_000)
    #expect(await gate.pass() == refusal(60_000_000))
    clock.advance(microseconds: 60_000_000)
    #expect(await gate.pass() == nil)
  }

  @Test(
    "keeps the source's word, of an absurd one a day",
    arguments: [
      (1_000_000, 1_000_000), (86_400_000_000, 86_400_000_000),
      (10 * 365 * 86_400_000_000, 86_400_000_000), (Int64.max, 86_400_000_000),
    ] as [(Int64, Int64)])
  func word(asked: Int64, given: Int64) {
    #expect(gate.noted(refusal(asked)).retryAfter == given)
  }

  @Test(
    "without a word, or with none that makes sense, waits longer each time until it is served",
    arguments: [nil, 0, -5, Int64.min] as [Int64?])
  func withoutWord(asked: Int64?) {
    let gate = gate
    func next() -> Int64? {
      let given = gate.noted(refusal(asked)).retryAfter
      clock.advance(microseconds: given ?? 0)
      return given
    }
    #expect(
      (0..<8).map { _ in next() } == [1, 2, 4, 8, 16, 32, 60, 60].map { $0 * 1_000_000 })
    gate.served()
    #expect(next() == 1_000_000)
  }

  @Test("takes refusals of requests that were under way together for one")
  func together() {
    let gate = gate
    #expect(gate.noted(refusal(nil)).retryAfter == 1_000_000)
    clock.advance(microseconds: 400_000)
    #expect(gate.noted(refusal(nil)).retryAfter == 600_000)
    clock.advance(microseconds: 600_000)
    #expect(gate.noted(refusal(nil)).retryAfter == 2_000_000)
  }

  @Test("leaves other failures as they are, and open")
  func otherFailures() async {
    let gate = gate
    let failure = SourceFailure(.unavailable, "shop is down.", retryAfter: 5_000_000)
    #expect(gate.noted(failure) == failure)
    #expect(await gate.pass() == nil)
    #expect(gate.takeHold() == nil)
  }

  @Test("tells once what it was asked for, and not what others told it")
  func telling() async {
    let gate = gate
    gate.hold(for: 30_000_000, because: "others")
    #expect(gate.takeHold() == nil)
    #expect(await gate.pass()?.message == "others")
    _ = gate.noted(refusal(60_000_000))
    #expect(
      gate.takeHold()
        == SourceGate.Hold(
          until: clock.now().adding(microseconds: 60_000_000),
          reason: "shop asks for patience (429)."))
    #expect(gate.takeHold() == nil)
    // A shorter patience neither shortens the longer one nor is worth telling.
    _ = gate.noted(refusal(5_000_000))
    gate.hold(for: 5_000_000, because: "others")
    #expect(gate.takeHold() == nil)
    #expect(await gate.pass() == refusal(60_000_000))
  }

  @Test("a short wait is waited for in place, and ends early with the task")
  func shortWait() async {
    let ticking = ManualClock(step: 1_000)
    let short = SourceGate(now: ticking.now)
    short.hold(for: 10_000, because: "")
    #expect(await short.pass() == nil)
    let standing = gate
    standing.hold(for: SourceGate.longestWait, because: "")
    let waiting = Task { await standing.pass() }
    waiting.cancel()
    #expect(await waiting.value == nil)
  }
}
