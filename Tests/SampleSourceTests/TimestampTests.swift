import Testing

@testable import SampleSource

@Suite("Timestamp")
struct TimestampTests {
  @Test(
    "instants are read with their offset and written in UTC",
    arguments: [
      ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00.000Z"),
      ("2026-03-31", 1_774_915_200_000_000, "2026-03-31T00:00:00.000Z"),
      ("2026-03-31T12:30:15.5+02:00", 1_774_953_015_500_000, "2026-03-31T10:30:15.500Z"),
      ("2024-02-29T23:59:59.999999Z", 1_709_251_199_999_999, "2024-02-29T23:59:59.999999Z"),
      ("1969-12-31T23:59:59Z", -1_000_000, "1969-12-31T23:59:59.000Z"),
    ])
  func sound(_ text: String, _ microseconds: Int64, _ written: String) {
    #expect(Timestamp(text)?.microseconds == microseconds)
    #expect(Timestamp(microseconds: microseconds).text == written)
  }

  @Test(
    "what is no instant is refused",
    arguments: [
      "", "2026", "2026-13-01", "2026-02-29", "2026-1-01", "2026-03-31T", "2026-03-31T12:00Z",
      "2026-03-31T24:00:00Z", "2026-03-31T12:00:00", "2026-03-31T12:00:00.Z",
      "2026-03-31T12:00:00.1234567Z", "2026-03-31T12:00:00+0200", "2026-03-31T12:00:00ZZ",
      "+026-03-31", "2026-03-31T+2:00:00Z",
    ])
  func unsound(_ text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test("days are counted over every kind of leap year")
  func days() {
    for number in stride(from: -719_162, to: 800_000, by: 97) {
      let day = SampleDay(number: number)
      #expect(SampleDay(day.description) == day)
    }
    #expect(SampleDay("2000-02-29")?.number == 11_016)
    #expect(SampleDay("1900-02-29") == nil)
    #expect(SampleDay(number: 0).weekday == 3)
  }
}
