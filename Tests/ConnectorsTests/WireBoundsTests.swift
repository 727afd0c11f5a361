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

  @Test("a pattern writes a time as a source wants it, in the source's zone")
  func patterns() throws {
    let odd = window("2024-03-01T10:20:30.25Z", "2024-03-01T10:45:00Z")
    for (pattern, zone, expected) in [
      ("%Y%m%dT%H", "UTC", ["20240301T10", "20240301T11"]),
      ("%Y-%m-%d %H:%M", "Europe/Berlin", ["2024-03-01 11:20", "2024-03-01 11:45"]),
      (
        "%Y-%m-%dT%H:%M:%S%z", "Asia/Kolkata",
        [
          "2024-03-01T15:50:30+0530", "2024-03-01T16:15:00+0530",
        ]
      ),
      ("%H:%M:%S.%L", "UTC", ["10:20:30.250", "10:45:00.000"]),
      ("%d/%m/%Y 100%%", "UTC", ["01/03/2024 100%", "02/03/2024 100%"]),
    ] {
      let pattern = try TimePattern(pattern)
      let bounds = try texts(.gte, .lt, pattern.finestGrain, .pattern(pattern), odd, zone: zone)
      #expect(bounds == expected)
    }
    #expect(throws: TimePattern.Fault(letter: "q")) { try TimePattern("%Y%q") }
  }

  @Test("a source that compares readings of a clock loses none of an hour that comes twice")
  func folds() throws {
    let zone = try Zone("Europe/Berlin")
    let pattern = try TimePattern("%Y-%m-%d %H:%M")
    // The clocks go back from 03:00 to 02:00 at 01:00 UTC.
    let base = instant("2024-10-27T00:00:00Z")
    let minute: Int64 = 60_000_000
    for start in stride(from: Int64(-120), through: 240, by: 10) {
      for length in stride(from: Int64(10), through: 240, by: 10) {
        let from = base.adding(microseconds: start * minute)
        let window = Window(from: from, to: from.adding(microseconds: length * minute))
        let sent = try texts(
          .gte, .lt, .minute, .pattern(pattern), window, zone: "Europe/Berlin")
        for time in stride(from: Int64(0), to: length, by: 5) {
          let wall = zone.wallTime(at: from.adding(microseconds: time * minute))
          let text = pattern.text(of: wall, offset: 0)
          #expect(sent[0] <= text && text < sent[1], "\(window) \(text) \(sent)")
        }
      }
    }
  }
}
