/// Where a partition goes on, as its checkpoint keeps it: the position of a page, and what is
/// needed to notice a source that leads in a circle.
///
/// The circle is found by Brent's method: every mark is compared with the one kept from the last
/// power of two, so that two numbers are enough for a circle of any length, across attempts.
struct PageCursor: Hashable, Sendable {
  /// The sign of a source that does not come to an end.
  struct Circle: Error, Hashable {
    /// How many pages had been read.
    var pages: Int
  }

  /// How many pages lie before this one.
  private(set) var pages: Int
  /// The mark kept from the last power of two.
  private var anchor: UInt64
  /// The mark of the page before.
  private var previous: UInt64
  /// The position of the page; nil for the first page of most sources.
  private(set) var position: String?

  /// The cursor of the first page.
  init(first position: String?) {
    pages = 0
    anchor = 0
    previous = 0
    self.position = position
  }

  /// The cursor that a checkpoint kept; nil for a text that is none.
  init?(_ text: String) {
    let parts = text.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0] == "1", let pages = Int(parts[1]), pages > 0,
      let anchor = UInt64(parts[2], radix: 36), let previous = UInt64(parts[3], radix: 36)
    else { return nil }
    self.pages = pages
    self.anchor = anchor
    self.previous = previous
    position = String(parts[4])
  }

  /// The cursor as a checkpoint keeps it.
  var text: String {
    let marks = [anchor, previous].map { String($0, radix: 36) }
    return "1 \(pages) \(marks[0]) \(marks[1]) \(position ?? "")"
  }

  /// The cursor of the page after this one, whose mark tells it from every other page.
  func following(_ position: String, mark: UInt64) throws(Circle) -> PageCursor {
    guard pages == 0 || (mark != anchor && mark != previous) else { throw Circle(pages: pages + 1) }
    var next = self
    next.pages = pages + 1
    next.position = position
    next.previous = mark
    if next.pages & (next.pages - 1) == 0 { next.anchor = mark }
    return next
  }
}
