import DatabaseFixtures
import Domain

/// A CSV file of orders over some days, uneven as real ones are, with known totals.
struct OrdersFile {
  /// The first day.
  static let firstDay = CivilDate("2025-01-01") ?? CivilDate(dayNumber: 0)

  let days: Int
  private(set) var text = "order_id,ordered_at,amount\n"
  private(set) var count = 0
  private(set) var cents: Int64 = 0
  /// How many orders each day has.
  private(set) var perDay: [Int] = []

  init(days: Int, seed: UInt64) {
    self.days = days
    var generator = SeededGenerator(seed: seed)
    for day in 0..<days {
      let orders = Int.random(in: 0...9, using: &generator) * (day % 7 == 3 ? 12 : 1)
      perDay.append(orders)
      for _ in 0..<orders {
        count += 1
        let amount = Int64.random(in: -2_000...99_999, using: &generator)
        cents += amount
        text += "order-\(count),\(Self.firstDay.adding(days: day)),\(Self.decimal(amount))\n"
      }
    }
  }

  /// The day after the last.
  var end: CivilDate { Self.firstDay.adding(days: days) }

  /// The sum of all amounts.
  var sum: String { Self.decimal(cents) }

  /// Writes the file and the document of a source that reads it; gives the document's path.
  func write(to folder: String, stream: String = "") throws -> String {
    try EndToEndTests.write(text, to: "\(folder)/orders.csv")
    let document = """
      // One shop.
      {sources: {shop: {connector: "files", streams: {orders: {
        path: "orders.csv", key: "shop:order:{order_id}",
        event_time: {field: "ordered_at", format: "local"},
        measures: {amount: {field: "amount", currency: "EUR"}}, \(stream)
      }}}}}
      """
    try EndToEndTests.write(document, to: "\(folder)/shop.json5")
    return "\(folder)/shop.json5"
  }

  private static func decimal(_ cents: Int64) -> String {
    Amount(units: Int128(cents), scale: 2).description
  }
}
