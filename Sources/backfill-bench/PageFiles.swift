import Glibc

/// The pages of a made-up source as files: days of orders, 100 records of about 450 bytes a page,
/// each page naming the address of the next.
struct PageFiles {
  static let recordsPerPage = 100

  let root: String
  let days: Int
  let recordsPerDay: Int

  /// The day `index` of the source, the first being 2024-01-01.
  static func day(_ index: Int) -> String {
    var (year, month, day) = (2024, 1, 1 + index)
    while day > length(of: month, year) {
      day -= length(of: month, year)
      month += 1
      if month > 12 { (year, month) = (year + 1, 1) }
    }
    return "\(year)-\(padded(month, 2))-\(padded(day, 2))"
  }

  /// Writes all pages; `next` addresses lead to this port.
  func write(port: Int) throws {
    for day in 0..<days {
      let date = Self.day(day)
      let folder = "\(root)/\(date)"
      mkdir(folder, 0o755)
      let pages = (recordsPerDay + Self.recordsPerPage - 1) / Self.recordsPerPage
      for page in 0..<pages {
        let path = "\(folder)/\(page + 1).json"
        let next =
          page + 1 < pages ? "\"http://127.0.0.1:\(port)/\(date)/\(page + 2).json\"" : "null"
        try Self.write(content(day: day, date: date, page: page, next: next), to: path)
      }
    }
  }

  private func content(day: Int, date: String, page: Int, next: String) -> String {
    var text = "{\"data\":["
    let first = page * Self.recordsPerPage
    for index in first..<min(first + Self.recordsPerPage, recordsPerDay) {
      if index > first { text += "," }
      text += Self.record(
        number: day * recordsPerDay + index, date: date, index: index, of: recordsPerDay)
    }
    return text + "],\"next\":\(next)}"
  }

  private static func record(number: Int, date: String, index: Int, of count: Int) -> String {
    let second = index * 86_400 / count
    let time =
      "\(padded(second / 3_600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
    let cents = (number * 7_919) % 50_000 + 100
    let amount = "\(cents / 100).\(padded(cents % 100, 2))"
    return """
      {"id":"ord_\(padded(number, 10))","object":"order","created_at":"\(date)T\(time)Z",\
      "updated_at":"\(date)T\(time)Z","currency":"EUR","amount":"\(amount)","status":"paid",\
      "customer":{"id":"cus_\(padded(number % 97_000, 7))","email":"buyer\(number % 97_000)@example.com",\
      "country":"DE"},"items":[{"sku":"SKU-\(padded(number % 5_000, 5))","quantity":\(number % 4 + 1),\
      "price":"\(amount)"}],"note":"A note of ordinary length which somebody wrote on this order."}
      """
  }

  private static func length(of month: Int, _ year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private static func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw BenchError("\(path) cannot be written.") }
    fputs(text, file)
    fclose(file)
  }
}

/// A number with zeros before it.
func padded(_ number: Int, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
