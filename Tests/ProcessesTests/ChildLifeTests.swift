import Testing

@testable import Processes

@Suite struct ChildLifeTests {
  private let start = ContinuousClock.now

  private func life(deadline: Duration?, grace: Duration) -> ChildLife {
    ChildLife(startedAt: start, deadline: deadline, grace: grace)
  }

  @Test("a child without a deadline is left alone for ever")
  func noDeadline() {
    var life = life(deadline: nil, grace: .seconds(5))
    #expect(life.nextMoment == nil)
    #expect(life.advance(to: start + .seconds(1_000_000)) == nil)
  }

  @Test("a deadline brings SIGTERM, and the end of the grace SIGKILL, each once")
  func deadline() {
    var life = life(deadline: .seconds(10), grace: .seconds(5))
    #expect(life.advance(to: start + .seconds(9)) == nil)
    #expect(life.advance(to: start + .seconds(10)) == .terminate)
    #expect(life.ranIntoDeadline)
    #expect(life.nextMoment == start + .seconds(15))
    #expect(life.advance(to: start + .seconds(14)) == nil)
    #expect(life.advance(to: start + .seconds(15)) == .kill)
    #expect(life.advance(to: start + .seconds(16)) == nil)
    #expect(life.nextMoment == nil)
  }

  @Test("asking a second time to stop neither repeats the signal nor lengthens the grace")
  func stopTwice() {
    var life = life(deadline: nil, grace: .seconds(5))
    #expect(life.stop(at: start) == .terminate)
    #expect(life.stop(at: start + .seconds(4)) == nil)
    #expect(life.advance(to: start + .seconds(5)) == .kill)
    #expect(!life.ranIntoDeadline)
  }

  @Test("without grace the first signal is SIGKILL")
  func noGrace() {
    var life = life(deadline: .seconds(1), grace: .zero)
    #expect(life.advance(to: start + .seconds(1)) == .kill)
  }
}
