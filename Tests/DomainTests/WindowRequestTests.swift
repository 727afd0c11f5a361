import Domain
import Testing

@Suite struct WindowRequestTests {
  // A Friday, 14:05 in Berlin.
  private let now = "2024-03-15T13:05Z"

  private func resolve(
    from: String? = nil, to: String? = nil, last: String? = nil, zone: String = "Europe/Berlin",
    zoneIsGiven: Bool = true
  ) throws -> Window {
    try WindowRequest(from: from, to: to, last: last)
      .window(in: try Zone(zone), zoneIsGiven: zoneIsGiven, now: try instant(now))
  }

  @Test(
    "bounds are dates or times on the zone's clock, or instants of their own",
    arguments: [
      ("2024-03-01", "2024-03-02", "2024-02-29T23:00Z", "2024-03-01T23:00Z"),
      ("2024-03-01T06:00", "2024-03-02", "2024-03-01T05:00Z", "2024-03-01T23:00Z"),
      ("2024-03-01T06:00Z", "2024-03-01T06:00-05:00", "2024-03-01T06:00Z", "2024-03-01T11:00Z"),
      ("2024-03-01", "2024-03-15T14:05", "2024-02-29T23:00Z", "2024-03-15T13:05Z"),
    ])
  func takesBounds(from: String, to: String, start: String, end: String) throws {
    #expect(try resolve(from: from, to: to) == window(start, end))
  }

  @Test(
    "the last units are the complete ones before now",
    arguments: [
      ("1d", "2024-03-13T23:00Z", "2024-03-14T23:00Z"),
      ("30d", "2024-02-13T23:00Z", "2024-03-14T23:00Z"),
      ("12h", "2024-03-15T01:00Z", "2024-03-15T13:00Z"),
      ("90min", "2024-03-15T11:35Z", "2024-03-15T13:05Z"),
      ("1w", "2024-03-03T23:00Z", "2024-03-10T23:00Z"),
      ("3mo", "2023-11-30T23:00Z", "2024-02-29T23:00Z"),
    ])
  func takesLast(last: String, start: String, end: String) throws {
    #expect(try resolve(last: last) == window(start, end))
  }

  @Test("the last hours end where the zone's own hour does")
  func takesLastInHalfHourZone() throws {
    #expect(
      try resolve(last: "2h", zone: "Asia/Kolkata")
        == window("2024-03-15T10:30Z", "2024-03-15T12:30Z"))
  }

  @Test(
    "a window that cannot be is refused, and the sentence says what to write",
    arguments: [
      (
        "2024-03-01", "2024-03-01",
        "The window is empty, for --to is not part of it; to take in 2024-03-01, write --to 2024-03-02."
      ),
      (
        "2024-03-02", "2024-03-01",
        "The window ends (2024-03-01) before it begins (2024-03-02); exchange --from and --to."
      ),
      (
        "2024-03-01", "2024-03-16",
        "The window ends in the future: --to is 2024-03-16, and in Europe/Berlin it is 2024-03-15 14:05; the last complete day ends with --to 2024-03-15."
      ),
      (
        "2024-03-01", "2024-03-15T14:06",
        "The window ends in the future: --to is 2024-03-15T14:06, and in Europe/Berlin it is 2024-03-15 14:05; the last complete day ends with --to 2024-03-15."
      ),
      (
        "2030-01-01", "2030-01-02",
        "The window ends in the future: --to is 2030-01-02, and in Europe/Berlin it is 2024-03-15 14:05; the last complete day ends with --to 2024-03-15."
      ),
      ("2023-02-29", "2024-03-01", "--from names a day that does not exist: \"2023-02-29\"."),
      (
        "1.3.2024", "2024-03-01",
        "--from must be a date such as 2024-03-01, or a time such as 2024-03-01T06:00, and not \"1.3.2024\"."
      ),
      (
        "2024-03-01", "2024-03-01T6:00",
        "--to must be a date such as 2024-03-01, or a time such as 2024-03-01T06:00, and not \"2024-03-01T6:00\"."
      ),
      (
        "1899-12-31", "2024-03-01", "1899-12-31 lies before 1900; a window begins in 1900 or later."
      ),
    ])
  func refusesBounds(from: String, to: String, sentence: String) {
    let fault = #expect(throws: InputFault.self) { try resolve(from: from, to: to) }
    #expect(fault?.description == sentence)
  }

  @Test("a time of day without a zone is refused where none was given, and a date is not")
  func wantsZones() throws {
    #expect(throws: InputFault.window(.boundWithoutZone(.from, "2024-03-01T06:00"))) {
      try resolve(from: "2024-03-01T06:00", to: "2024-03-02", zone: "UTC", zoneIsGiven: false)
    }
    let dates = try resolve(
      from: "2024-03-01", to: "2024-03-02T06:00Z", zone: "UTC", zoneIsGiven: false)
    #expect(try dates == window("2024-03-01T00:00Z", "2024-03-02T06:00Z"))
  }

  @Test("a window of days that the clocks skipped is refused")
  func refusesSkippedDays() {
    #expect(
      throws: InputFault.window(
        .skipped(from: "2011-12-30", to: "2011-12-31", zone: "Pacific/Apia"))
    ) {
      try resolve(from: "2011-12-30", to: "2011-12-31", zone: "Pacific/Apia")
    }
  }

  @Test(
    "half a window, two windows and the last nothing are refused",
    arguments: [
      (nil, nil, nil, InputFault.window(.missing)),
      ("2024-01-01", nil, nil, .window(.missingBound(.to))),
      (nil, "2024-01-01", nil, .window(.missingBound(.from))),
      ("2024-01-01", nil, "3d", .window(.boundsAndLast)),
      (nil, nil, "0d", .window(.lastOfNothing("0d"))),
      (nil, nil, "-3d", .badSpan("-3d", .last, .negative)),
      (nil, nil, "999999999mo", .window(.tooEarly("--last 999999999mo"))),
      (nil, nil, "999999999d", .window(.tooEarly("--last 999999999d"))),
      (nil, nil, "999999999min", .window(.tooEarly("--last 999999999min"))),
    ] as [(String?, String?, String?, InputFault)])
  func refusesForms(from: String?, to: String?, last: String?, fault: InputFault) {
    #expect(throws: fault) { try resolve(from: from, to: to, last: last) }
  }

  @Test(
    "the last days end at the last midnight, whatever the zone and the moment",
    arguments: Seeded.seeds(1))
  func lastIsComplete(seed: UInt64) throws {
    var generator = Seeded(seed)
    for _ in 0..<300 {
      let zone = try Zone(generator.pick(Zones.all))
      let now = Instant(microseconds: .random(in: 0...2_000_000_000_000_000, using: &generator))
      for last in ["1d", "7h", "45min", "2w", "2mo"] {
        let window = try WindowRequest(from: nil, to: nil, last: last).window(in: zone, now: now)
        let context: Comment = "\(last) in \(zone.name) at \(now), seed \(seed)"
        #expect(window.to <= now, context)
        #expect(window.from <= window.to, context)
        if last == "1d" { #expect(window.to == zone.startOfDay(zone.civilDate(of: now)), context) }
      }
    }
  }
}
