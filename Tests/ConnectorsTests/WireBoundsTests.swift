import Domain
import Testing

@testable import Connectors

struct WireBoundsTests {
  private func texts(
    _ from: WireBounds.Lower, _ to: WireBounds.Upper, _ grain: WireBounds.Grain,
    _ format: WireBounds.Format, _ window: Window, zone: String = "UTC"
  ) throws -> [String] {
    let bounds = WireBounds(
      from: from, to: to, grain: grain, format: format, zone: try Zone(zone))
    let (from, to) = bounds.texts(of: window)
    return [from, to]
  }

  private let day = window("2024-03-01T00:00:00Z", "2024-03-02T00:00:00Z")

  @Test("a filter that takes the window as it is gets it as it is")
  func halfOpen() throws {
    #expect(try texts(.gte, .lt, .second, .epochSeconds, day) == ["1709251200", "1709337600"])
    #expect(
      try texts(.gte, .lt, .millisecond, .epochMilliseconds, day)
        == ["1709251200000", "1709337600000"])
    #expect(
      try texts(.gte, .lt, .microsecond, .rfc3339, day)
        == ["2024-03-01T00:00:00Z", "2024-03-02T00:00:00Z"])
    #expect(try texts(.gte, .lt, .day, .date, day) == ["2024-03-01", "2024-03-02"])
  }

  @Test("a bound that the filter sees otherwise moves by one grain")
  func inclusive() throws {
    #expect(try texts(.gt, .lte, .second, .epochSeconds, day) == ["1709251199", "1709337599"])
    #expect(
      try texts(.gte, .lte, .millisecond, .rfc3339, day)
        == ["2024-03-01T00:00:00Z", "2024-03-01T23:59:59.999000Z"])
    #expect(try texts(.gte, .lte, .day, .date, day) == ["2024-03-01", "2024-03-01"])
    #expect(try texts(.gt, .lt, .day, .date, day) == ["2024-02-29", "2024-03-02"])
  }

  @Test("a window that lies between two grains is asked for with both")
  func outwards() throws {
    let odd = window("2024-03-01T10:00:00.25Z", "2024-03-01T10:00:00.75Z")
    #expect(try texts(.gte, .lt, .second, .epochSeconds, odd) == ["1709287200", "1709287201"])
    #expect(try texts(.gte, .lte, .second, .epochSeconds, odd) == ["1709287200", "1709287200"])
    #expect(try texts(.gte, .lt, .day, .date, odd) == ["2024-03-01", "2024-03-02"])
    let old = window("1969-12-31T23:59:58.5Z", "1969-12-31T23:59:59.5Z")
    #expect(try texts(.gte, .lt, .second, .epochSeconds, old) == ["-2", "0"])
  }

  @Test("days and offsets are those of the source's zone")
  func zones() throws {
    let berlin = window("2024-03-30T23:00:00Z", "2024-03-31T22:00:00Z")
    #expect(
      try texts(.gte, .lt, .day, .date, berlin, zone: "Europe/Berlin")
        == ["2024-03-31", "2024-04-01"])
    #expect(
      try texts(.gte, .lt, .second, .rfc3339, berlin, zone: "Europe/Berlin")
        == ["2024-03-31T00:00:00+01:00", "2024-04-01T00:00:00+02:00"])
    #expect(
      try texts(.gte, .lt, .second, .rfc3339, day, zone: "America/St_Johns")
        == ["2024-02-29T20:30:00-03:30", "2024-03-01T20:30:00-03:30"])
  }

  @Test("whatever the filter, what it lets pass covers the window", arguments: 1...300)
  func covering(seed: UInt64) throws {
    var random = Seeded(seed)
    let from = Int64.random(in: -5_000_000...5_000_000, using: &random)
    let window = Window(
      from: Instant(microseconds: from),
      to: Instant(microseconds: from + Int64.random(in: 1...3_000_000, using: &random)))
    let lower = random.pick(WireBounds.Lower.allCases)
    let upper = random.pick(WireBounds.Upper.allCases)
    let grain = random.pick([WireBounds.Grain.millisecond, .second])
    let format =
      grain == .second
      ? random.pick([.epochSeconds, .epochMilliseconds]) : WireBounds.Format.epochMilliseconds
    let sent = try texts(lower, upper, grain, format, window).compactMap { Int64($0) }
    // The filter compares whole grains, as it tells no finer times apart.
    let unit = grain.microseconds
    let scale: Int64 = format == .epochSeconds ? 1_000_000 : 1_000
    func passes(_ time: Int64) -> Bool {
      let cut = (time >= 0 ? time / unit : (time - unit + 1) / unit) * unit
      let (low, high) = (sent[0] * scale, sent[1] * scale)
      return (lower == .gte ? cut >= low : cut > low) && (upper == .lt ? cut < high : cut <= high)
    }
    for _ in 0..<50 {
      let time = Int64.random(
        in: window.from.microseconds..<window.to.microseconds, using: &random)
      #expect(passes(time), "seed \(seed), \(time)")
    }
    #expect(passes(window.from.microseconds), "seed \(seed)")
    #expect(passes(window.to.microseconds - 1), "seed \(seed)")
    #expect(!passes(window.from.microseconds - unit), "seed \(seed)")
    #expect(!passes(window.to.microseconds + unit - 1), "seed \(seed)")
  }
}
