import Domain

/// What a fake source sells: records that follow from day, number and revision alone, so that a
/// test knows every byte that the store must hold.
struct Goods: Sendable {
  /// Pages of a day at most; how many a day has follows from the day.
  var pages = 6
  /// Records of a page.
  var perPage = 40
  /// Bytes of text in each record.
  var filler = 120
  /// Whether pages hold records that are not simply new: some twice, of another day, without id.
  var isOdd = true

  /// One record.
  struct Item: Sendable {
    var key: String
    var payload: String
    var cents: Int
    var currency: String
    /// The version that the store must hold, where every revision was read.
    var version: Int32
  }

  /// How many pages a day has; some days have none but an empty one.
  func pageCount(_ day: Int) -> Int {
    isOdd && day % 13 == 0 ? 1 : 1 + (day &* 7) % pages
  }

  /// The good records of a day at a revision.
  func items(_ day: Int, revision: Int) -> [Item] {
    isEmpty(day) ? [] : (0..<pageCount(day) * perPage).map { item(day, $0, revision: revision) }
  }

  /// How many records of a day cannot be taken.
  func rejected(_ day: Int) -> Int {
    isOdd && !isEmpty(day) && day % 3 == 0 ? 1 : 0
  }

  /// A page as the source answers it.
  func page(_ day: Int, _ page: Int, revision: Int) -> String {
    var records: [String] = []
    if !isEmpty(day), page < pageCount(day) {
      let first = page * perPage
      if isOdd, page > 0 { records.append(item(day, first - 1, revision: revision).payload) }
      records += (first..<first + perPage).map { item(day, $0, revision: revision).payload }
      if isOdd, day % 5 == 0 { records.append(item(day + 1, page, revision: revision).payload) }
      if rejected(day) > 0, page == 0 {
        records.append(#"{"at":"\#(CivilDate(dayNumber: day))T01:00:00Z","amount":"1.00"}"#)
      }
    }
    let next = page + 1 < pageCount(day) ? #""\#(page + 1)""# : "null"
    return #"{"data":[\#(records.joined(separator: ","))],"next":\#(next)}"#
  }

  private func isEmpty(_ day: Int) -> Bool { isOdd && day % 13 == 0 }

  private func item(_ day: Int, _ number: Int, revision: Int) -> Item {
    let date = CivilDate(dayNumber: day)
    let isChanged = revision > 1 && number % 3 == 0
    let written = isChanged ? revision : 1
    let cents = (day &* 131 + number &* 17 + written &* 1_009) % 20_000 - 4_000
    let currency = number % 4 == 0 ? "USD" : "EUR"
    let id = "\(date)-\(number)"
    let time = "\(two(number / 3_600 % 24)):\(two(number / 60 % 60)):\(two(number % 60))"
    let text = String(repeating: "abcdefghij", count: filler / 10)
    let payload =
      #"{"id":"\#(id)","at":"\#(date)T\#(time)Z","revision":\#(written),"#
      + #""amount":"\#(amount(cents))","currency":"\#(currency)","text":"\#(text)"}"#
    return Item(
      key: "order:\(id)", payload: payload, cents: cents, currency: currency,
      version: Int32(clamping: written))
  }

  private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private func amount(_ cents: Int) -> String {
    let size = abs(cents)
    return "\(cents < 0 ? "-" : "")\(size / 100).\(two(size % 100))"
  }
}
