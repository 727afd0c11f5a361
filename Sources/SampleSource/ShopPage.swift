/// One page of the shop's records: where it goes on, and which days one has to look at for it.
struct ShopPage {
  /// The places of its records, in order.
  private(set) var places: [PageQuery.Cursor] = []
  /// Where the next page begins; nil after the last.
  private(set) var next: PageQuery.Cursor?
  /// The days looked at, whether or not they had records.
  private(set) var days: [SampleDay] = []

  /// Walks from the cursor to the end of the window, or until the page is full.
  init(_ query: PageQuery, of shop: Shop) {
    let configuration = shop.configuration
    let opening = SampleDay(number: configuration.lastDay.number - configuration.days + 1)
    let start = query.cursor ?? PageQuery.Cursor(day: query.from.day, index: 0)
    var day = max(start.day, opening)
    while day.start < query.to.microseconds, day <= configuration.lastDay {
      var index = day == start.day ? start.index : 0
      if day == query.from.day {
        index = max(index, shop.firstIndex(query.stream, day, from: query.from))
      }
      let end = shop.firstIndex(query.stream, day, from: query.to)
      if index < end, places.count == query.limit {
        next = PageQuery.Cursor(day: day, index: index)
        return
      }
      if places.count < query.limit { days.append(day) }
      while index < end, places.count < query.limit {
        places.append(PageQuery.Cursor(day: day, index: index))
        index += 1
      }
      if index < end {
        next = PageQuery.Cursor(day: day, index: index)
        return
      }
      day = SampleDay(number: day.number + 1)
    }
  }
}
