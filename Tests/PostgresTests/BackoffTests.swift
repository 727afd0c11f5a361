import Postgres
import Testing

@Suite struct BackoffTests {
  @Test("pauses double up to the cap, each from the upper half of its span", arguments: 1...5)
  func pauses(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let backoff = Backoff(base: .milliseconds(100), cap: .seconds(2))
    for (failures, longest) in [(1, 100), (2, 200), (3, 400), (5, 1600), (6, 2000), (1000, 2000)] {
      let pause = backoff.pause(after: failures, using: &generator)
      #expect(pause <= .milliseconds(longest) && pause >= .milliseconds(longest / 2), "\(seed)")
    }
  }
}
