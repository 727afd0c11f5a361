import Domain
import FoundationEssentials
import FoundationInternationalization
import Testing

@Suite struct ZoneTests {
  @Test(
    "a day begins at its midnight on the zone's clock",
    arguments: [
      ("Europe/Berlin", "2024-03-31", "2024-03-30T23:00:00Z"),
      ("Europe/Berlin", "2024-04-01", "2024-03-31T22:00:00Z"),
      ("America/New_York", "2024-11-04", "2024-11-04T05:00:00Z"),
      ("Asia/Kolkata", "2024-01-01", "2023-12-31T18:30:00Z"),
      ("UTC", "2024-01-01", "2024-01-01T00:00:00Z"),
      // Midnight was skipped: the day begins at the skip.
      ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"),
      ("Asia/Beirut", "2024-03-31", "2024-03-30T22:00:00Z"),
      // One minute after midnight the clocks went back to 23:01: the day has begun and stays.
      ("America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z"),
      // At midnight the clocks went back to 23:00: the day begins when midnight comes for good.
      ("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z"),
    ])
  func startsDays(name: String, day: String, expected: String) throws {
    let zone = try Zone(name)
    #expect(zone.startOfDay(try date(day)) == (try instant(expected)))
  }

  @Test("the day that Apia skipped has no length, and belongs to no instant")
  func skipsDays() throws {
    let apia = try Zone("Pacific/Apia")
    let start = apia.startOfDay(try date("2011-12-30"))
    #expect(start == apia.startOfDay(try date("2011-12-31")))
    #expect(try apia.civilDate(of: start) == date("2011-12-31"))
    #expect(try apia.civilDate(of: start.adding(microseconds: -1)) == date("2011-12-29"))
  }

  @Test("an hour that is repeated over midnight belongs to the later day, as its partition does")
  func daysNeverGoBack() throws {
    // One minute after midnight the clocks of St. John's went back to 23:01 of the day before.
    let zone = try Zone("America/St_Johns")
    let repeated = try instant("2010-11-07T02:45Z")
    #expect(zone.wallTime(at: repeated).description == "2010-11-06T23:15")
    #expect(try zone.civilDate(of: repeated) == date("2010-11-07"))
    var last = CivilDate(dayNumber: 0)
    for minute in 0..<4_320 {
      let moment = try instant("2010-11-06T00:00Z").adding(microseconds: Int64(minute) * 60_000_000)
      #expect(zone.civilDate(of: moment) >= last, "\(moment)")
      last = zone.civilDate(of: moment)
    }
  }

  @Test("a skipped reading is the instant of the skip, a repeated one the first")
  func resolvesReadings() throws {
    let berlin = try Zone("Europe/Berlin")
    let skipped = try #require(WallTime("2025-03-30T02:30"))
    #expect(try berlin.instant(at: skipped) == instant("2025-03-30T01:00Z"))
    let twice = try #require(WallTime("2025-10-26T02:30"))
    #expect(try berlin.instant(at: twice) == instant("2025-10-26T00:30Z"))
    #expect(try berlin.wallTime(at: instant("2025-10-26T01:30Z")).description == "2025-10-26T02:30")
  }

  @Test(
    "the offset is what Foundation says, at seeded instants in every zone",
    arguments: Seeded.seeds(1))
  func agreesWithFoundation(seed: UInt64) throws {
    var generator = Seeded(seed)
    for name in Zones.all {
      let zone = try Zone(name)
      let peer = try #require(TimeZone(identifier: name))
      for _ in 0..<40 {
        let seconds = Int64.random(in: -2_208_988_800...2_556_143_999, using: &generator)
        let expected = peer.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
        let offset = zone.offset(at: Instant(microseconds: seconds * 1_000_000))
        #expect(offset == expected, "\(name) at \(seconds), seed \(seed)")
      }
    }
  }

  @Test(
    "days follow each other in every zone, and each instant lies in its own day",
    arguments: Seeded.seeds(1))
  func daysTile(seed: UInt64) throws {
    var generator = Seeded(seed)
    for name in Zones.all {
      let zone = try Zone(name)
      for _ in 0..<40 {
        let date = CivilDate(dayNumber: .random(in: -25_567..<29_585, using: &generator))
        let (start, end) = (zone.startOfDay(date), zone.startOfDay(date.adding(days: 1)))
        #expect(start <= end, "\(name) \(date), seed \(seed)")
        guard start < end else { continue }
        let inside = Instant(
          microseconds: .random(in: start.microseconds..<end.microseconds, using: &generator))
        #expect(zone.civilDate(of: start) == date, "\(name) \(date), seed \(seed)")
        #expect(zone.civilDate(of: inside) == date, "\(name) \(inside), seed \(seed)")
        #expect(zone.civilDate(of: end) > date, "\(name) \(date), seed \(seed)")
      }
    }
  }

  @Test(
    "names that are no places are refused, with what was probably meant",
    arguments: [
      ("PST", "America/Los_Angeles"), ("GMT", "UTC"), ("utc", "UTC"),
      ("europe/berlin", "Europe/Berlin"),
      ("Europe/Berln", "Europe/Berlin"), ("Berlin", "Europe/Berlin"),
      ("New York", "America/New_York"),
      ("CEST", "Europe/Berlin"), ("GMT+3", nil), ("UTC+2", nil), ("SystemV/PST8", nil),
      ("+02:00", nil),
      ("", nil), ("Mars/Olympus_Mons", nil), ("../etc/passwd", nil), ("EST5EDT", nil),
    ] as [(String, String?)])
  func refuses(name: String, nearest: String?) {
    #expect(throws: InputFault.unknownZone(name, nearest: nearest)) { try Zone(name) }
  }

  @Test("the ends of time have days too", arguments: ["UTC", "Asia/Tokyo", "America/New_York"])
  func takesTheEndsOfTime(name: String) throws {
    let zone = try Zone(name)
    #expect(zone.civilDate(of: Instant(microseconds: .min)).dayNumber < -100_000_000)
    #expect(zone.civilDate(of: Instant(microseconds: .max)).dayNumber > 100_000_000)
    #expect(zone.instant(at: WallTime(reading: .max)) > zone.instant(at: WallTime(reading: .min)))
  }
}

/// The zones that tests go through.
enum Zones {
  static let all =
    TimeZone.knownTimeZoneIdentifiers.filter { $0 != "GMT" } + ["UTC", "Asia/Kolkata"]
}
