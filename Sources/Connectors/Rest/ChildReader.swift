import Domain
import JSON

/// Reads a stream that is asked for once for each of its parents, page of parents after page.
///
/// Progress is that of the parents, whose filter takes the window. A checkpoint names the page of
/// parents and the parent on it; where another attempt does not find the parent there any more,
/// nobody can tell which ones were passed over, and the partition is read from its beginning.
actor ChildReader: PartitionReader {
  private let children: RestQuery
  private let parents: RestQuery
  private let names: [String]
  /// The fields wanted of each record that lie in its parent.
  private let taken: [Int]
  /// The page of parents that was read last.
  private var held: ParentPage?

  init(children: RestQuery, parents: RestQuery) {
    self.children = children
    self.parents = parents
    names = children.template.stream.parentFields
    taken = Self.taken(children.fields)
  }

  private static func taken(_ fields: [JSONPath]) -> [Int] {
    fields.indices.filter { fields[$0].keys.first == "parent" }
  }

  /// The fields wanted of each parent: those that requests are filled in with, those that records
  /// take, and the time.
  static func fields(
    of parents: RequestTemplate, for children: RequestTemplate, _ wanted: [JSONPath]
  ) -> [JSONPath] {
    children.stream.parentFields.map { JSONPath($0) }
      + taken(wanted).map { JSONPath(keys: Array(wanted[$0].keys.dropFirst())) }
      + [parents.eventTime.path]
  }

  func page(at text: String?) async throws(SourceFailure) -> Page {
    let cursor = try children.cursor(text)
    let (page, requests) = try await parents(at: cursor.place.parents)
    guard let place = page.place(of: cursor.place.slice) else {
      guard cursor.place.slice == nil else { throw lost() }
      let next = try page.next.map { (next) throws(SourceFailure) in
        try following(cursor, PageCursor.Place(parents: next))
      }
      return empty(next: next, requests: requests)
    }
    let parent = page.parents[place]
    do throws(SourceFailure) {
      var (records, next) = try await children.page(at: cursor, parent: parent.values)
      if next == nil { next = try after(cursor, place, on: page) }
      // The first page of the first parent is asked for without its name.
      next = next.map {
        $0.place.slice == nil && $0.place.parents == cursor.place.parents
          ? $0.named(parent.key) : $0
      }
      records.take(parent.fields, at: taken)
      return Page(
        bytes: records.bytes, scan: records.scan, next: next?.text,
        requests: records.requests + requests)
    } catch {
      var failure = error
      failure.requests += requests
      throw failure
    }
  }

  func close() async {}
}

// Steps
extension ChildReader {
  /// The page of parents at a cursor, and how many requests it took.
  private func parents(
    at cursor: String?
  ) async throws(SourceFailure) -> (ParentPage, requests: Int) {
    if let held, held.cursor == cursor { return (held, 0) }
    let (page, next) = try await parents.page(at: try parents.cursor(cursor), parent: [:])
    do throws(ParentPage.MissingField) {
      let read = try ParentPage(
        cursor: cursor, next: next?.text, page, names: names, taken: taken.count,
        time: parents.template.eventTime.reader, window: parents.window)
      held = read
      return (read, page.requests)
    } catch {
      throw SourceFailure(
        .invalidPage,
        "\(parents.source) gave a parent without \(error.name), by which its records "
          + "are asked for.", requests: page.requests)
    }
  }

  /// Where it goes on after the last page of a parent.
  private func after(
    _ cursor: PageCursor, _ place: Int, on page: ParentPage
  ) throws(SourceFailure) -> PageCursor? {
    let first = children.template.stream.paging.pagination.first
    if place + 1 < page.parents.count {
      return try following(
        cursor,
        PageCursor.Place(
          position: first, slice: page.parents[place + 1].key, parents: page.cursor))
    }
    guard let next = page.next else { return nil }
    return try following(cursor, PageCursor.Place(position: first, parents: next))
  }

  private func following(
    _ cursor: PageCursor, _ place: PageCursor.Place
  ) throws(SourceFailure) -> PageCursor {
    let mark = Fingerprint.of("\(place.parents ?? "")\n\(place.slice ?? "")")
    do throws(PageCursor.Circle) {
      return try cursor.following(place, mark: mark)
    } catch {
      throw SourceFailure(
        .endless, "\(parents.source) gave the same parents again and again, as page \(error.pages)."
      )
    }
  }

  private func empty(next: PageCursor?, requests: Int) -> Page {
    let nothing = ScannedPage(
      records: [], fields: [], fieldCount: children.fields.count, envelope: [])
    return Page(bytes: [], scan: nothing, next: next?.text, requests: requests)
  }

  private func lost() -> SourceFailure {
    SourceFailure(
      .endless,
      "\(parents.source) does not give the parent any more at which the last attempt stopped.")
  }
}
