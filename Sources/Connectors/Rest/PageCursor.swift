import JSON

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

  /// Where a page is, of all that can be asked for.
  struct Place: Hashable, Sendable {
    /// The position within the query; nil for the first page of most sources.
    var position: String?
    /// The day or the parent that is asked for, where a partition asks for one after the other.
    var slice: String?
    /// The record's id behind which the query begins, once a result cap was reached.
    var seek: String?
    /// The page of parents on which the parent is; nil for the first.
    var parents: String?
    /// The job that makes an export, and which of its files is read.
    var job: ExportJob?
    /// How many records of the query came with the pages before, where that matters.
    var records = 0
  }

  /// How many pages lie before this one.
  private(set) var pages = 0
  /// The mark kept from the last power of two.
  private var anchor: UInt64 = 0
  /// The mark of the page before.
  private var previous: UInt64 = 0
  /// Where the page is.
  private(set) var place: Place
  /// How many records a page may hold since the source said that more are too many.
  private(set) var size: Int?

  /// The cursor of the first page.
  init(first position: String?, slice: String? = nil) {
    place = Place(position: position, slice: slice)
  }

  /// The position of the page within its query.
  var position: String? { place.position }

  /// The cursor of the page after this one, whose mark tells it from every other page.
  func following(_ place: Place, mark: UInt64) throws(Circle) -> PageCursor {
    guard pages == 0 || (mark != anchor && mark != previous) else { throw Circle(pages: pages + 1) }
    var next = self
    next.pages = pages + 1
    next.place = place
    next.previous = mark
    if next.pages & (next.pages - 1) == 0 { next.anchor = mark }
    return next
  }

  /// Where an export stands.
  func at(_ job: ExportJob) -> PageCursor {
    var next = self
    next.place.job = job
    return next
  }

  /// The same page, of the parent with this key.
  func named(_ parent: String) -> PageCursor {
    var named = self
    named.place.slice = parent
    return named
  }

  /// The same page with at most so many records.
  func shrunk(to size: Int) -> PageCursor {
    var smaller = self
    smaller.size = size
    return smaller
  }
}

// As a checkpoint keeps it
extension PageCursor {
  /// The cursor that a checkpoint kept; nil for a text that is none.
  init?(_ text: String) {
    if text.hasPrefix("2 ") {
      self.init(whole: text.dropFirst(2))
    } else {
      self.init(plain: text)
    }
  }

  /// The cursor as a checkpoint keeps it.
  var text: String {
    let marks = [anchor, previous].map { String($0, radix: 36) }
    let isPlain =
      place == Place(position: place.position) && place.position != nil && size == nil && pages > 0
    if isPlain { return "1 \(pages) \(marks[0]) \(marks[1]) \(place.position ?? "")" }
    var object: JSONObject = ["pages": JSONValue(pages)]
    object["marks"] = .array(marks.map { .string($0) })
    object["at"] = place.position.map { .string($0) }
    object["slice"] = place.slice.map { .string($0) }
    object["parents"] = place.parents.map { .string($0) }
    object["job"] = place.job?.json
    object["seek"] = place.seek.map { .string($0) }
    object["records"] = place.records == 0 ? nil : JSONValue(place.records)
    object["size"] = size.map { JSONValue($0) }
    return "2 " + JSONValue.object(object).encoded()
  }

  /// A position alone.
  private init?(plain text: String) {
    let parts = text.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0] == "1", let pages = Int(parts[1]), pages > 0,
      let anchor = UInt64(parts[2], radix: 36), let previous = UInt64(parts[3], radix: 36)
    else { return nil }
    self.pages = pages
    self.anchor = anchor
    self.previous = previous
    place = Place(position: String(parts[4]))
  }

  private init?(whole text: Substring) {
    let object: JSONValue
    do throws(JSONError) {
      object = try JSONValue.parse(String(text))
    } catch {
      return nil
    }
    let marks = (object["marks"]?.array ?? []).compactMap {
      $0.string.flatMap { UInt64($0, radix: 36) }
    }
    guard let pages = object["pages"]?.int, pages >= 0, marks.count == 2 else { return nil }
    self.pages = pages
    anchor = marks[0]
    previous = marks[1]
    place = Place(
      position: object["at"]?.string, slice: object["slice"]?.string,
      seek: object["seek"]?.string, parents: object["parents"]?.string,
      job: object["job"].flatMap { ExportJob(json: $0) }, records: object["records"]?.int ?? 0)
    size = object["size"]?.int
  }
}
