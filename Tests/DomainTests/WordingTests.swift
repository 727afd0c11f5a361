import Domain
import Testing

@Suite struct WordingTests {
  @Test(
    "numbers are grouped in threes",
    arguments: [
      (0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567"), (100_000, "100,000"),
      (Int.min, "-9,223,372,036,854,775,808"),
    ])
  func groups(number: Int, text: String) {
    #expect(Wording.number(number) == text)
  }

  @Test("one thing is singular, and every other number plural")
  func counts() {
    #expect(Wording.count(1, "partition") == "1 partition")
    #expect(Wording.count(0, "partition") == "0 partitions")
    #expect(Wording.count(1_089, "partition") == "1,089 partitions")
    #expect(Wording.count(2, "day still open", plural: "days still open") == "2 days still open")
  }

  @Test(
    "a share is never rounded to nothing or to all",
    arguments: [
      (0, 10, "0%"), (1, 1_000, "<1%"), (1, 3, "33%"), (999, 1_000, ">99%"), (10, 10, "100%"),
      (0, 0, "0%"),
    ])
  func shares(part: Int, whole: Int, text: String) {
    #expect(Wording.percent(part, of: whole) == text)
  }

  @Test(
    "rates keep a unit in which they can be read",
    arguments: [
      (70_412.3, "70,412/s"), (9.96, "10/s"), (3.21, "3.2/s"), (0.2, "12/min"), (0.001, "4/h"),
      (0, "0/s"),
      (.nan, "0/s"), (.infinity, "0/s"), (0.000_000_1, "1/h"),
    ])
  func rates(rate: Double, text: String) {
    #expect(Wording.rate(perSecond: rate) == text)
  }

  @Test(
    "a length of time is told in its two largest units",
    arguments: [
      (0, "0 s"), (999, "<1 ms"), (420_000, "420 ms"), (999_999, "999 ms"), (2_449_999, "2.4 s"),
      (3_000_000, "3 s"),
      (9_999_999, "9.9 s"), (41_900_000, "41 s"), (59_999_999, "59 s"), (130_000_000, "2 min 10 s"),
      (120_000_000, "2 min"), (11_520_000_000, "3 h 12 min"), (183_600_000_000, "2 days 3 h"),
      (86_400_000_000, "1 day"), (-5, "0 s"), (.max, "106,751,991 days 4 h"),
    ] as [(Int64, String)])
  func durations(microseconds: Int64, text: String) {
    #expect(Wording.duration(microseconds: microseconds) == text)
  }

  @Test(
    "a window is told with its last day, its length and its zone",
    arguments: [
      ("2024-01-01", "2024-04-01", "1 January to 31 March 2024 (91 days), Europe/Berlin"),
      ("2024-03-01", "2024-04-01", "1 to 31 March 2024 (31 days), Europe/Berlin"),
      ("2024-03-14", "2024-03-15", "14 March 2024 (1 day), Europe/Berlin"),
      ("2023-12-30", "2024-01-02", "30 December 2023 to 1 January 2024 (3 days), Europe/Berlin"),
      (
        "2024-03-14T06:00", "2024-03-14T18:30",
        "14 March 2024 06:00 to 18:30 (12 h 30 min), Europe/Berlin"
      ),
      (
        "2024-03-14", "2024-03-15T06:00",
        "14 March 2024 00:00 to 15 March 2024 06:00 (1 day 6 h), Europe/Berlin"
      ),
    ])
  func windows(from: String, to: String, text: String) throws {
    let zone = try Zone("Europe/Berlin")
    let window = try WindowRequest(from: from, to: to, last: nil)
      .window(in: zone, now: instant("2025-01-01T00:00Z"))
    #expect(Wording.window(window, in: zone) == text)
  }

  @Test("a partition is told in the fewest words")
  func partitions() throws {
    #expect(
      try Wording.partition(window("2024-03-14T00:00Z", "2024-03-15T00:00Z"), in: .utc)
        == "14 March 2024")
    #expect(
      try Wording.partition(window("2024-03-14T06:00Z", "2024-03-14T12:00Z"), in: .utc)
        == "14 March 2024 06:00 to 12:00")
    #expect(
      try Wording.partition(window("2024-03-14T18:00Z", "2024-03-15T00:00Z"), in: .utc)
        == "14 March 2024 18:00 to 15 March 2024 00:00")
    #expect(
      try Wording.partition(window("2024-03-11T00:00Z", "2024-03-18T00:00Z"), in: .utc)
        == "11 to 17 March 2024")
  }

  @Test(
    "days are drawn together",
    arguments: [
      (["2024-03-14"], "14 March 2024"),
      (["2024-03-09", "2024-03-04", "2024-03-03", "2024-03-05"], "3–5 and 9 March 2024"),
      (["2024-03-03", "2024-03-09", "2024-04-02"], "3, 9 March and 2 April 2024"),
      (["2024-03-31", "2024-04-01"], "31 March–1 April 2024"),
      (["2023-03-03", "2024-03-05"], "3 March 2023 and 5 March 2024"),
      (["2023-12-31", "2024-01-01"], "31 December 2023–1 January 2024"),
      (["2023-12-30", "2024-01-02"], "30 December 2023 and 2 January 2024"),
      ([], ""),
    ])
  func days(days: [String], text: String) throws {
    #expect(Wording.days(try days.map(date)) == text)
  }

  @Test("the year that is spoken of is left out, and the rest of a long list only counted")
  func shortensDays() throws {
    #expect(try Wording.days([date("2024-03-14")], in: 2024) == "14 March")
    let every3rd = try (0..<30).map { try date("2024-01-01").adding(days: $0 * 3) }
    #expect(Wording.days(every3rd, in: 2024, limit: 3) == "1, 4, 7 January and 27 more days")
    #expect(
      try Wording.days(of: window("2024-03-01T00:00Z", "2024-04-01T00:00Z"), in: .utc, year: 2024)
        == "1–31 March")
  }

  @Test(
    "an amount keeps every digit that was sent",
    arguments: [
      ("12430.00", "+12,430.00 EUR"), ("-41.50", "-41.50 EUR"), ("0.00", "0.00 EUR"),
      ("-0.00", "0.00 EUR"),
      ("+7", "+7 EUR"),
      ("12345678901234567890.123456789", "+12,345,678,901,234,567,890.123456789 EUR"),
      ("007.5", "+7.5 EUR"), ("1e5", "1e5 EUR"), ("", " EUR"), ("NaN", "NaN EUR"), (".5", ".5 EUR"),
    ])
  func amounts(decimal: String, text: String) {
    #expect(Wording.change(decimal, "EUR") == text)
  }

  @Test("an amount that is no change has no plus")
  func plainAmounts() {
    #expect(Wording.amount("2500315.63", "USD") == "2,500,315.63 USD")
    #expect(Wording.amount("-5", "USD") == "-5 USD")
  }

  @Test("text from outside cannot drive a terminal or fill a screen")
  func quotes() {
    #expect(Wording.quoted("a\u{1B}[31mb\n\u{202E}c") == "\"a\u{FFFD}[31mb\u{FFFD}\u{FFFD}c\"")
    #expect(Wording.quoted(String(repeating: "x", count: 1_000)).count == 82)
  }

  @Test("a list ends with and")
  func lists() {
    #expect(Wording.list([]) == "")
    #expect(Wording.list(["a"]) == "a")
    #expect(Wording.list(["a", "b", "c"]) == "a, b and c")
  }
}
