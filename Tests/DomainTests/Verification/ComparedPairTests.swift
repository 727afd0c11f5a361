import Testing

@testable import Domain

@Suite("A pair of two streams")
struct ComparedPairTests {
  private func side(
    _ records: Int64, _ amount: String, back: String = "0", day: Int = 0
  ) throws -> ComparedPair.Side {
    ComparedPair.Side(
      records: records, amount: try #require(Amount(amount)), refunded: try #require(Amount(back)),
      day: records == 0 ? nil : CivilDate(dayNumber: day))
  }

  private func verdict(
    _ first: ComparedPair.Side, _ second: ComparedPair.Side, days: Int = 1
  ) -> ComparedPair.Verdict {
    ComparedPair(match: "1", currency: "EUR", first: first, second: second)
      .verdict(daysApart: days)
  }

  @Test("is judged by what is there, by amount, by what was given back and by day")
  func verdicts() throws {
    let order = try side(1, "12.50")
    #expect(verdict(order, try side(1, "12.5")) == .equal)
    #expect(verdict(order, try side(0, "0")) == .missingInSecond)
    #expect(verdict(try side(0, "0"), order) == .missingInFirst)
    #expect(verdict(order, try side(2, "25")) == .doubled)
    #expect(verdict(order, try side(2, "12.50")) == .equal, "it may be paid in two parts")
    #expect(verdict(order, try side(1, "12.50", back: "12.50")) == .refunded)
    #expect(verdict(try side(1, "10"), try side(1, "12.50", back: "2.50")) == .refunded)
    #expect(verdict(order, try side(1, "12.51")) == .different)
    #expect(verdict(order, try side(1, "12.50", day: 1)) == .equal)
    #expect(verdict(order, try side(1, "12.50", day: 2)) == .otherDay)
    #expect(verdict(order, try side(1, "12.50", day: 2), days: 2) == .equal)
  }

  @Test("is as far apart as its sides are when all is given back that was")
  func gap() throws {
    let pair = ComparedPair(
      match: "1", currency: "EUR", first: try side(1, "10"),
      second: try side(1, "10", back: "4.50"))
    #expect(pair.gap?.description == "-4.50")
  }
}
