import Domain
import Testing

@Suite struct StepTests {
  @Test(
    "a step is read and written",
    arguments: [
      ("30min", Step.minutes(30)), ("6h", .hours(6)), ("1d", .days(1)), ("7d", .days(7)),
      ("1w", .weeks(1)), ("1mo", .months(1)), ("1440min", .minutes(1_440)),
    ])
  func readsAndWrites(text: String, step: Step) throws {
    #expect(try Step(text) == step)
    #expect(step.description == text)
  }

  @Test(
    "a text that is no step is refused with the reason",
    arguments: [
      ("0d", InputFault.zeroStep("0d")), ("-1d", .badSpan("-1d", .step, .negative)),
      ("5m", .badSpan("5m", .step, .minutesOrMonths)), ("", .badSpan("", .step, .form)),
      ("d", .badSpan("d", .step, .form)), ("1 d", .badSpan("1 d", .step, .form)),
      ("1.5h", .badSpan("1.5h", .step, .form)), ("1D", .badSpan("1D", .step, .form)),
      ("1y", .badSpan("1y", .step, .form)), ("30s", .badSpan("30s", .step, .form)),
      ("2000min", .stepTooLong("2000min", largest: "1440min")),
      ("99999d", .stepTooLong("99999d", largest: "3660d")),
      ("9999999999d", .badSpan("9999999999d", .step, .tooLarge)),
      ("99999999999999999999d", .badSpan("99999999999999999999d", .step, .form)),
      ("１d", .badSpan("１d", .step, .form)),
    ])
  func refuses(text: String, fault: InputFault) {
    #expect(throws: fault) { try Step(text) }
  }
}
