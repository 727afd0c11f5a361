import Domain
import JSON
import Testing

@Suite struct TimeReaderTests {
  private func read(
    _ text: String, _ format: TimeField.Format, _ zone: String = "UTC",
    kind: JSONSlice.Kind = .string
  ) throws -> String? {
    let reader = TimeReader(format: format, zone: try Zone(zone))
    return Array(text.utf8).withUnsafeBytes { bytes in
      reader.read(JSONSlice(start: 0, end: Int32(bytes.count), kind: kind), in: bytes)
    }?.description
  }

  @Test(
    "an instant is read to the microsecond, finer digits cut",
    arguments: [
      ("2024-03-01T06:00:00Z", "2024-03-01T06:00:00Z"),
      ("2024-03-01 06:00:00z", "2024-03-01T06:00:00Z"),
      ("2024-03-01T06:00:00.25+02:00", "2024-03-01T04:00:00.250000Z"),
      ("2024-03-01T06:00:00,1234569-0530", "2024-03-01T11:30:00.123456Z"),
      ("2024-02-29T23:59:60Z", "2024-02-29T23:59:59.999999Z"),
      ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ])
  func rfc3339(text: String, instant: String) throws {
    #expect(try read(text, .rfc3339) == instant)
  }

  @Test(
    "what has no offset, or is no time, is no instant",
    arguments: [
      "", "2024", "2024-03-01", "2024-03-01T06:00:00", "2024-03-01T06:00Z", "2024-02-30T06:00:00Z",
      "2024-03-01T24:00:00Z", "2024-03-01T06:00:61Z", "2024-03-01T06:00:00.Z",
      "2024-03-01T06:00:00+2", "2024-03-01T06:00:00+24:00", "2024-03-01T06:00:00+02:60",
      "2024-03-01T06:00:00Zz", "2024-03-01T06:00:00+02:0", "0001-01-01T00:00:00+01:00", "x",
      "2024-03-01T06:00:00+", "٢٠٢٤-٠٣-٠١T06:00:00Z",
    ])
  func noInstant(text: String) throws {
    #expect(try read(text, .rfc3339) == nil)
  }

  @Test("seconds and milliseconds are read exactly, as numbers and as texts, cut towards the past")
  func epoch() throws {
    for kind in [JSONSlice.Kind.number, .string] {
      #expect(try read("1709272800", .epochSeconds, kind: kind) == "2024-03-01T06:00:00Z")
      #expect(
        try read("1709272800.1234569", .epochSeconds, kind: kind) == "2024-03-01T06:00:00.123456Z")
      #expect(
        try read("1709272800001", .epochMilliseconds, kind: kind) == "2024-03-01T06:00:00.001000Z")
      #expect(try read("-0.0000001", .epochSeconds, kind: kind) == "1969-12-31T23:59:59.999999Z")
      #expect(try read("1.7092728e9", .epochSeconds, kind: kind) == "2024-03-01T06:00:00Z")
      for text in ["", "1e30", "99999999999999999999999999999999999999", "1709272800x", "0x1"] {
        #expect(try read(text, .epochSeconds, kind: kind) == nil, "\(text)")
      }
    }
    #expect(try read("true", .epochSeconds, kind: .true) == nil)
    #expect(try read("1709272800", .rfc3339, kind: .number) == nil)
  }

  @Test("a local time is the first instant at which the clock of the zone shows it")
  func local() throws {
    let berlin = "Europe/Berlin"
    #expect(try read("2024-03-01", .local, berlin) == "2024-02-29T23:00:00Z")
    #expect(try read("2024-07-01T00:30:00", .local, berlin) == "2024-06-30T22:30:00Z")
    // Skipped, and there twice.
    #expect(try read("2024-03-31 02:30:00", .local, berlin) == "2024-03-31T01:00:00Z")
    #expect(try read("2024-10-27 02:30:00", .local, berlin) == "2024-10-27T00:30:00Z")
    #expect(try read("2024-03-01T06:00:00Z", .local, berlin) == nil)
    #expect(try read("2024-03-01T06:00:00Z", .local) == nil)
  }
}
