import Testing

@testable import Domain

@Suite("The reading of another clock")
struct ClockReadingTests {
  @Test(
    "never lets anything happen too early, however long answers take", arguments: Seeded.seeds(20))
  func neverEarly(seed: UInt64) throws {
    var generator = Seeded(seed)
    var reading = ClockReading()
    #expect(reading.ours(Instant(microseconds: 5)) == nil)
    // Theirs is ours and this much.
    var difference = Int64.random(in: -1_000_000_000_000...1_000_000_000_000, using: &generator)
    var now: Int64 = 0
    for _ in 0..<200 {
      now += Int64.random(in: 1...2_000_000, using: &generator)
      let asked = now
      now += Int64.random(in: 0...80_000, using: &generator)
      let read = now + difference
      now += Int64.random(in: 0...80_000, using: &generator)
      reading.note(Instant(microseconds: read), asked: asked, answered: now)
      let time = Instant(microseconds: now + difference + 1_000_000)
      let ours = try #require(reading.ours(time))
      #expect(ours + difference >= time.microseconds, "seed \(seed)")
      #expect(ours + difference <= time.microseconds + 160_000, "seed \(seed)")
      // Their clock is set.
      if generator.pick([true] + Array(repeating: false, count: 40)) { difference += 3_600_000_000 }
    }
  }

  @Test("keeps the quickest exchange of late")
  func quickest() throws {
    var reading = ClockReading()
    reading.note(Instant(microseconds: 1_000), asked: 900, answered: 1_000)
    reading.note(Instant(microseconds: 2_000), asked: 2_000, answered: 6_000)
    #expect(reading.ours(Instant(microseconds: 9_000)) == 9_000)
    // After ten seconds a newer one is worth more.
    reading.note(Instant(microseconds: 20_000_000), asked: 20_000_000, answered: 20_004_000)
    #expect(reading.ours(Instant(microseconds: 20_000_000)) == 20_004_000)
  }

  @Test("ends a permit early by what it does not know, and by half of it at most")
  func permits() throws {
    var reading = ClockReading()
    let permit = Permit(
      from: Instant(microseconds: 10_000), until: Instant(microseconds: 40_000), shares: [])
    #expect(reading.ours(permit) == nil)
    reading.note(Instant(microseconds: 0), asked: 0, answered: 5_000)
    #expect(try #require(reading.ours(permit)) == (15_000, 40_000))
    reading = ClockReading()
    reading.note(Instant(microseconds: 0), asked: 0, answered: 500_000)
    #expect(try #require(reading.ours(permit)) == (510_000, 525_000))
  }
}
