import DatabaseFixtures

/// Makes random records over few keys, and writes each in one of many ways that mean the same.
struct RecordWriter {
  var generator: SeededGenerator

  mutating func batch() -> [StoreModel.Record] {
    (0..<Int.random(in: 0...8, using: &generator)).map { _ in record() }
  }

  private mutating func record() -> StoreModel.Record {
    let id = "k\(Int.random(in: 1...7, using: &generator))"
    if generator.oneIn(12) { return bad(id) }
    let order = StoreModel.Order(
      id: id, day: Int.random(in: 1...3, using: &generator),
      v: Int.random(in: 1...4, using: &generator),
      cents: generator.pick([0, 100, 110, -250, 999]),
      currency: generator.pick(["EUR", "USD"]), note: generator.pick(["é", "a/b", "\u{1F600}"]))
    if generator.oneIn(12) {
      return StoreModel.Record(kind: .outside, text: write(order, at: 1_000), id: id)
    }
    let seconds = 1_709_251_200 + (order.day - 1) * 86_400 + 3_600
    return StoreModel.Record(kind: .order(order), text: write(order, at: seconds), id: id)
  }

  private mutating func bad(_ id: String) -> StoreModel.Record {
    let start = "{\"id\":\"\(id)\",\"at\":1709300000,\"v\":1,\"amount\""
    let rest = generator.pick([
      ":true,\"c\":\"EUR\"}", ":1,\"c\":\"a currency\"}", ":1,\"c\":\"EUR\",\"c\":\"EUR\"}",
      ":1,\"c\":\"EUR\",\"n\":\"\\u0000\"}",
    ])
    return StoreModel.Record(kind: .bad, text: start + rest, id: id)
  }

  private mutating func write(_ order: StoreModel.Order, at seconds: Int) -> String {
    var fields = [
      "\"id\":\(space())\"\(order.id)\"", "\"at\":\(seconds)", "\"v\":\(space())\(order.v)",
      "\"amount\":\(amount(order.cents))", "\"c\":\"\(order.currency)\"",
      "\"n\":\"\(note(order.note))\"",
    ]
    // A field that does not count may come or not, and say what it will.
    if generator.oneIn(3) { fields.append("\"seen\":\(Int.random(in: 1...3, using: &generator))") }
    if generator.oneIn(3) { fields.shuffle(using: &generator) }
    return "{\(space())\(fields.joined(separator: "," + space()))}"
  }

  private mutating func space() -> String { generator.oneIn(8) ? " \n" : "" }

  private mutating func amount(_ cents: Int) -> String {
    let sign = cents < 0 ? "-" : ""
    let (whole, rest) = (abs(cents) / 100, abs(cents) % 100)
    let padded = rest < 10 ? "0\(rest)" : "\(rest)"
    return generator.pick([
      "\(sign)\(whole).\(padded)", "\(sign)\(whole).\(padded)0", "\(cents)e-2",
    ])
  }

  private mutating func note(_ text: String) -> String {
    guard generator.oneIn(3) else { return text }
    return text.utf16.map { unit in
      let digits = String(unit, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }.joined()
  }
}
