import Domain
import Testing

@Suite struct CivilDateTests {
  @Test(
    "a day is read and written as YYYY-MM-DD",
    arguments: [
      ("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2024-03-01", 19_783),
      ("0001-01-01", -719_162), ("9999-12-31", 2_932_896),
    ])
  func readsAndWrites(text: String, number: Int) throws {
    let date = try date(text)
    #expect(date.dayNumber == number)
    #expect(date.description == text)
  }

  @Test(
    "a text that is no day is refused",
    arguments: [
      "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-01", "2024-04-31", "2024-01-00",
      "24-01-01",
      "2024-1-1", "2024/01/01", "2024-01-01 ", "+024-01-01", "0000-01-01", "", "tomorrow",
      "２０２４-01-01",
    ])
  func refuses(text: String) {
    #expect(CivilDate(text) == nil)
  }

  @Test("every day of eight hundred years is the day after the one before")
  func countsEveryDay() throws {
    var expected = (year: 1, month: 1, day: 1)
    var date = try date("0001-01-01")
    for _ in 0..<292_194 {
      let actual = date.components
      guard actual == expected else {
        Issue.record("day \(date.dayNumber) is \(actual), and not \(expected)")
        return
      }
      expected.day += 1
      if expected.day > CivilDate.daysInMonth(expected.month, of: expected.year) {
        expected =
          expected.month == 12
          ? (expected.year + 1, 1, 1) : (expected.year, expected.month + 1, 1)
      }
      date = date.adding(days: 1)
    }
  }

  @Test(
    "a month later is the same day, or the last where that month is shorter",
    arguments: [
      ("2024-01-31", 1, "2024-02-29"), ("2023-01-31", 1, "2023-02-28"),
      ("2024-01-31", 2, "2024-03-31"),
      ("2024-01-15", 12, "2025-01-15"), ("2024-03-31", -1, "2024-02-29"),
      ("2024-01-01", -13, "2022-12-01"),
      ("2024-12-31", 1, "2025-01-31"),
    ])
  func addsMonths(from: String, months: Int, to: String) throws {
    #expect(try date(from).adding(months: months).description == to)
  }

  @Test("weeks begin on Monday")
  func knowsWeekdays() throws {
    #expect(try date("1970-01-01").weekday == 4)
    #expect(try date("1969-12-28").weekday == 7)
    #expect(try date("2024-03-03").startOfWeek == date("2024-02-26"))
    #expect(try date("2024-02-26").startOfWeek == date("2024-02-26"))
  }
}
