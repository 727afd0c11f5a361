import Domain
import JSON
import Outbound

/// What of an answer rules are applied to.
struct AnswerFacts {
  /// The status.
  var status: Int
  /// The headers.
  var headers: HeaderFields
  /// The body as text, as far as rules may look for a text in it.
  var text: () -> String
  /// What the body holds at a path.
  var values: (BodyPath) -> [JSONValue]
}

extension ErrorRule {
  /// Whether the rule is for this answer.
  func matches(_ facts: AnswerFacts) -> Bool {
    guard statuses.isEmpty || statuses.contains(where: { $0.contains(facts.status) }) else {
      return false
    }
    if let header { return holds(facts.headers.all(header).map { .string($0) }) }
    if let path { return holds(facts.values(path)) }
    guard !equals.isEmpty || contains != nil else { return true }
    return holds([.string(facts.text())])
  }

  private func holds(_ found: [JSONValue]) -> Bool {
    let said = found.filter { !$0.isNothing || !equals.isEmpty }
    guard !equals.isEmpty || contains != nil else { return !said.isEmpty }
    return said.contains { value in
      let text = value.plainText ?? value.encoded()
      return (equals.isEmpty || equals.contains(text))
        && (contains.map { text.contains($0) } ?? true)
    }
  }
}

extension ErrorRule.Wait {
  /// Microseconds that the answer asks to wait from `now` on; nil where it does not say.
  func read(_ facts: AnswerFacts, now: Instant) -> Int64? {
    switch place {
    case .fixed(let seconds): return min(Int64(seconds) * 1_000_000, longest)
    case .header(let name): return facts.headers[name].flatMap { wait($0, now: now) }
    case .body(let path):
      return facts.values(path).first?.plainText.flatMap { wait($0, now: now) }
    }
  }

  private func wait(_ text: String, now: Instant) -> Int64? {
    if unit == .date { return RetryAfter.wait(text, now: now).map { min($0, longest) } }
    guard let number = Amount(text), let whole = microseconds(number) else { return nil }
    let isMoment = unit == .epochSeconds || unit == .epochMilliseconds
    let wait = isMoment ? Instant(microseconds: whole).microseconds(since: now) : whole
    return min(max(wait, 0), longest)
  }

  /// The number in microseconds, parts of one left out; nil where it does not fit.
  private func microseconds(_ number: Amount) -> Int64? {
    let isMilliseconds = unit == .milliseconds || unit == .epochMilliseconds
    var units = number.units
    var places = (isMilliseconds ? 3 : 6) - number.scale
    while places > 0 {
      let product = units.multipliedReportingOverflow(by: 10)
      if product.overflow { return nil }
      units = product.partialValue
      places -= 1
    }
    while places < 0 {
      units /= 10
      places += 1
    }
    return Int64(exactly: units)
  }
}
