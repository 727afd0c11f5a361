import Testing

@testable import Postgres

@Suite struct TimestampTextTests {
  private func read(_ text: String) throws(FieldFault) -> Int64 {
    var text = TimestampText(text)
    return try text.timestamp().microseconds
  }

  @Test(
    "an offset east of Greenwich is taken away, one west of it is added",
    arguments: [
      ("1970-01-01 00:00:00+00", 0), ("1970-01-01 02:00:00+02", 0),
      ("1969-12-31 20:30:00-03:30", 0), ("1970-01-01 00:53:28+00:53:28", 0),
      ("1970-01-01 00:00:00.5+00", 500_000), ("1970-01-01 00:00:00.000001+00", 1),
      ("1969-12-31 23:59:59.999999+00", -1), ("2000-03-01 00:00:00+00", 951_868_800_000_000),
      ("1900-03-01 00:00:00+00", -2_203_891_200_000_000),
    ])
  func offsets(text: String, microseconds: Int64) throws {
    #expect(try read(text) == microseconds)
  }

  @Test(
    "what is no time with a zone is refused",
    arguments: [
      "", "2024-01-01", "2024-01-01 00:00:00", "2024-13-01 00:00:00+00", "2024-01-01 00:61:00+00",
      "2024-01-01 00:00:00.1234567+00", "2024-01-01 00:00:00+", "2024-01-01T00:00:00+00",
      "01/02/2024 00:00:00 CET", "9999999999-01-01 00:00:00+00",
    ])
  func malformed(text: String) {
    #expect(throws: FieldFault.malformed) { try read(text) }
  }
}
