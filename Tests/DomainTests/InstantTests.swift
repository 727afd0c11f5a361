import Domain
import Testing

@Suite struct InstantTests {
  @Test(
    "an instant is written in UTC, as short as it is exact",
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (1, "1970-01-01T00:00:00.000001Z"),
      (-1, "1969-12-31T23:59:59.999999Z"), (1_709_276_430_250_000, "2024-03-01T07:00:30.250000Z"),
      (1_709_276_400_000_000, "2024-03-01T07:00:00Z"),
    ])
  func writes(microseconds: Int64, text: String) {
    #expect(Instant(microseconds: microseconds).description == text)
  }

  @Test(
    "an instant is read with its offset",
    arguments: [
      ("2024-03-01T07:00Z", "2024-03-01T07:00:00Z"),
      ("2024-03-01T07:00:30.25Z", "2024-03-01T07:00:30.250000Z"),
      ("2024-03-01T06:00+02:00", "2024-03-01T04:00:00Z"),
      ("2024-03-01 06:00:01-05:30", "2024-03-01T11:30:01Z"),
    ])
  func reads(text: String, expected: String) {
    #expect(Instant(text)?.description == expected)
  }

  @Test(
    "a time without an offset is no instant, nor is anything else",
    arguments: [
      "2024-03-01T06:00", "2024-03-01", "2024-03-01Z", "2024-03-01T06:00+0200",
      "2024-03-01T06:00+2:00",
      "2024-03-01T24:00Z", "2024-03-01T06:60Z", "2024-03-01T06:00:60Z",
      "2024-03-01T06:00:00.1234567Z",
      "2024-03-01T06Z", "2024-03-01t06:00z", "2024-02-30T06:00Z", "2024-03-01T06:00:00.Z", "Z", "",
      "2024-03-01T06:00 02:00", "2024-03-01T06:00+24:00",
    ])
  func refuses(text: String) {
    #expect(Instant(text) == nil)
  }

  @Test(
    "what is written is read again, over all of time that has four digits of year",
    arguments: Seeded.seeds(2))
  func roundTrips(seed: UInt64) {
    var generator = Seeded(seed)
    for _ in 0..<5_000 {
      let instant = Instant(
        microseconds: .random(
          in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &generator))
      #expect(Instant(instant.description) == instant, "seed \(seed)")
    }
  }

  @Test("arithmetic ends at the ends of time instead of trapping")
  func saturates() {
    let last = Instant(microseconds: .max)
    let first = Instant(microseconds: .min)
    #expect(last.adding(microseconds: 1) == last)
    #expect(first.adding(microseconds: -1) == first)
    #expect(last.microseconds(since: first) == .max)
    #expect(first.microseconds(since: last) == .min)
  }
}
