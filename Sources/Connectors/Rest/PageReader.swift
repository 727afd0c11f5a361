import Domain
import JSON
import Outbound

/// Reads an answer as a page: its records, and where the next page is.
struct PageReader {
  /// The source's name, as messages say it.
  let source: String
  /// What made the request.
  let template: RequestTemplate
  /// The partition's window.
  let window: Window
  /// Where the page is.
  let cursor: PageCursor
  /// The fields wanted of each record.
  let fields: [JSONPath]
  /// What the answers so far had.
  let witness: PositionWitness

  /// What an answer turned out to be.
  enum Reading {
    /// A page, and the cursor of the next, if there is one.
    case page([UInt8], ScannedPage, next: PageCursor?)
    /// Something else, by a rule.
    case judged(AnswerJudge.Judgement)
  }

  private var stream: RestStream { template.stream }
  private var paging: PageRules { template.stream.paging }

  /// The records of an answer, the fields wanted of each, and the cursor of the next page; or what
  /// the rules say that the answer is instead.
  func read(
    _ answer: OutboundResponse, _ judge: AnswerJudge, now: Instant
  ) throws(SourceFailure) -> Reading {
    var response = answer
    if stream.format.packing != nil { response.body = try unpacked(answer.body) }
    if stream.format.kind == .csv { return try rows(&response) }
    let scan: ScannedPage
    do throws(JSONError) {
      scan = try self.scan(response.body)
    } catch {
      // Where the records should be is something else: an error in an answer of 200, perhaps.
      if case .page = judgeWhole(response, judge, now: now) {
        throw invalid("an answer that cannot be read as a page: \(error)")
      }
      return .judged(judgeWhole(response, judge, now: now))
    }
    try judgeLastLine(scan)
    let judgement = self.judge(response, scan, judge, now: now)
    guard case .page = judgement else { return .judged(judgement) }
    return .page(response.body, scan, next: try next(after: scan, in: response))
  }

  /// What the rules make of an answer without reading it as a page.
  func judgeWhole(
    _ response: OutboundResponse, _ judge: AnswerJudge, now: Instant
  ) -> AnswerJudge.Judgement {
    var document: JSONValue?
    let facts = AnswerFacts(
      status: response.status, headers: response.headers, text: { Self.text(response.body) }
    ) { path in
      document = document ?? Self.parsed(response.body)
      return document.map { path.values(inDocument: $0) } ?? []
    }
    return judge.judge(facts, excerpt: excerpt(of: response), now: now)
  }

  private func judge(
    _ response: OutboundResponse, _ scan: ScannedPage, _ judge: AnswerJudge, now: Instant
  ) -> AnswerJudge.Judgement {
    guard !judge.rules.isEmpty else { return .page }
    let heads = template.envelope.heads
    let facts = AnswerFacts(
      status: response.status, headers: response.headers, text: { Self.text(response.body) }
    ) { path in
      guard let place = heads[path.head], place < scan.envelope.count else { return [] }
      let value = response.body.withUnsafeBytes { scan.envelope[place].value(in: $0) }
      return value.map { path.values(in: $0) } ?? []
    }
    return judge.judge(facts, excerpt: excerpt(of: response), now: now)
  }

  private func excerpt(of response: OutboundResponse) -> String {
    template.credentials.redactor.excerpt(of: response.body)
  }

  /// As much of a body as rules may look for a text in.
  private static func text(_ body: [UInt8]) -> String {
    String(decoding: body.prefix(64 << 10), as: UTF8.self)
  }

  private static func parsed(_ body: [UInt8]) -> JSONValue? {
    do throws(JSONError) {
      return try JSONValue.parse(body)
    } catch {
      return nil
    }
  }
}

// Records
extension PageReader {
  /// The fields that only the reading itself needs, behind those wanted.
  private var ownFields: OwnFields {
    var own = OwnFields(after: fields.count)
    if case .lastID(let path) = paging.pagination { own.lastID = own.add(path) }
    own.seekID = stream.cap?.id.map { own.add($0) }
    if stream.window.endsEarly { own.time = own.add(template.eventTime.path) }
    return own
  }

  private func scan(_ body: [UInt8]) throws(JSONError) -> ScannedPage {
    let scanner = RecordScanner(
      records: stream.records, envelope: template.envelope.paths, fields: fields + ownFields.paths)
    return try body.withUnsafeBufferPointer { (bytes) throws(JSONError) in
      let bytes = UnsafeRawBufferPointer(bytes)
      return try stream.format.kind == .jsonLines
        ? scanner.scanLines(bytes) : scanner.scanDocument(bytes)
    }
  }

  private func unpacked(_ body: [UInt8]) throws(SourceFailure) -> [UInt8] {
    do throws(Packing.Fault) {
      return try stream.format.text(of: body, limit: template.manifest.limits.pageBytes)
    } catch {
      throw invalid(
        error == .tooLarge
          ? "an answer that is larger than page_bytes when unpacked"
          : "an answer that cannot be unpacked: it is broken, cut off, or holds several files")
    }
  }

  /// The page of an answer that is written in rows.
  private func rows(_ response: inout OutboundResponse) throws(SourceFailure) -> Reading {
    let answer = RowAnswer(
      delimiter: stream.format.delimiter, time: template.eventTime,
      fields: fields + ownFields.paths)
    let scan: ScannedPage
    do throws(RowAnswer.Fault) {
      (response.body, scan) = try answer.page(response.body)
    } catch {
      switch error {
      case .noHeader: throw invalid("rows without a header that could be read")
      case .columnTwice(let name): throw invalid("rows in which two columns are called \(name)")
      }
    }
    return .page(response.body, scan, next: try next(after: scan, in: response))
  }

  /// Lines of which the last is no JSON have been cut off, or the source gave up in the middle.
  private func judgeLastLine(_ scan: ScannedPage) throws(SourceFailure) {
    guard stream.format.kind == .jsonLines, scan.records.last?.flaw == .malformed else { return }
    throw invalid("lines of which the last is no JSON, as if they were cut off")
  }

  /// The last record's id; nil where there is no record.
  private func lastID(
    _ field: Int?, _ scan: ScannedPage, in body: [UInt8]
  ) throws(SourceFailure) -> String? {
    guard let field, !scan.records.isEmpty else { return nil }
    let slice = scan.fields[(scan.records.count - 1) * scan.fieldCount + field]
    return try text(slice, at: fields.count < field ? "the id" : "the last id", in: body)
  }

  private func isBeyondWindow(_ scan: ScannedPage, in body: [UInt8]) -> Bool {
    guard let field = ownFields.time else { return false }
    return body.withUnsafeBytes { bytes in
      let times = scan.records.indices.map { row in
        template.eventTime.reader.read(scan.fields[row * scan.fieldCount + field], in: bytes)
      }
      return stream.window.isBeyond(window, times: times)
    }
  }
}

/// Where the fields that only the reading needs lie in a scanned row.
private struct OwnFields {
  private(set) var paths: [JSONPath] = []
  private let start: Int
  var lastID: Int?
  var seekID: Int?
  var time: Int?

  init(after start: Int) { self.start = start }

  mutating func add(_ path: JSONPath) -> Int {
    paths.append(path)
    return start + paths.count - 1
  }
}

// The next page
extension PageReader {
  private func next(
    after scan: ScannedPage, in response: OutboundResponse
  ) throws(SourceFailure) -> PageCursor? {
    let total = try number(template.envelope.total, scan, in: response.body)
    let answer = Pagination.Answer(
      records: scan.records.count, hasMore: try hasMore(scan, total, in: response.body),
      token: try token(scan, in: response))
    var position: String?
    do throws(Pagination.Fault) {
      position = try paging.pagination.next(after: answer, at: cursor.position)
    } catch {
      throw invalid(error.words)
    }
    if isBeyondWindow(scan, in: response.body) { position = nil }
    var place = cursor.place
    place.position = position
    if stream.cap != nil || total != nil { place.records += counted(scan) }
    if try seeks(scan, total, hasNext: position != nil) {
      return try seeking(scan, in: response.body)
    }
    if answer.token == nil { try judgeEnd(scan) }
    if position != nil { return try following(place, mark(of: place, scan, in: response.body)) }
    try checkCount(place.records, total)
    return try followingSlice()
  }

  /// A first page as large as was asked for, without the field that leads on, which no answer has
  /// had so far, is not taken for the end: the path is more likely mistaken.
  ///
  /// A source that leaves the field out at the end shows it elsewhere, and the next attempt knows.
  private func judgeEnd(_ scan: ScannedPage) throws(SourceFailure) {
    guard cursor.pages == 0, paging.hasMore == nil, let size = cursor.size ?? paging.size,
      scan.records.count >= size, let place = template.envelope.token,
      scan.envelope[place].kind == .missing, !witness.hasSeen
    else { return }
    throw invalid(
      "a first page of \(size) records, as many as were asked for, without "
        + "\(template.envelope.paths[place]), which no answer "
        + "has had so far; correct the path of pagination, or raise its size where the source "
        + "leaves it out at the end")
  }

  /// Whether the query gives no more, and the reading begins anew behind the last id.
  private func seeks(
    _ scan: ScannedPage, _ total: Int?, hasNext: Bool
  ) throws(SourceFailure) -> Bool {
    guard let cap = stream.cap else { return false }
    let facts = ResultCap.Facts(
      total: total, before: cursor.place.records, page: counted(scan),
      asked: cursor.size ?? paging.size, hasNext: hasNext,
      canSplit: stream.splitRule.middle(of: window) != nil)
    switch cap.decide(facts) {
    case .fits: return false
    case .seek: return true
    case .split:
      throw SourceFailure(
        .windowTooLarge,
        "\(source) gives at most \(cap.records) records of one window, and this one has "
          + (total.map { "\($0)." } ?? "more."))
    case .fail:
      throw SourceFailure(
        .refused,
        "\(source) gives at most \(cap.records) records of one window, and there is no way to "
          + "the others; take a smaller step, or give cap an id to go on by.")
    }
  }

  /// How many records of a page the source counts towards its cap.
  ///
  /// Where records lie in others, those others are counted, which only the size of the page tells:
  /// a page of a hundred orders may hold one refund.
  private func counted(_ scan: ScannedPage) -> Int {
    guard let cap = stream.cap, cap.onHit != .seekByID, let size = cursor.size ?? paging.size,
      stream.records.keys.dropLast().contains(where: { $0.hasSuffix("[]") })
    else { return scan.records.count }
    return max(scan.records.count, size)
  }

  private func seeking(_ scan: ScannedPage, in body: [UInt8]) throws(SourceFailure) -> PageCursor {
    guard let id = try lastID(ownFields.seekID, scan, in: body) else {
      throw invalid("a last record without the id that the next query is asked by")
    }
    let place = PageCursor.Place(
      position: paging.pagination.first, slice: cursor.place.slice, seek: id)
    return try following(place, Fingerprint.of("seek \(id)"))
  }

  /// The first page of the next day, where days are asked for one by one.
  func followingSlice() throws(SourceFailure) -> PageCursor? {
    guard let slice = template.slice(after: cursor.place.slice, of: window) else { return nil }
    let place = PageCursor.Place(position: paging.pagination.first, slice: slice)
    return try following(place, Fingerprint.of("slice \(slice)"))
  }

  private func following(
    _ place: PageCursor.Place, _ mark: UInt64
  ) throws(SourceFailure) -> PageCursor {
    let next: PageCursor
    do throws(PageCursor.Circle) {
      next = try cursor.following(place, mark: mark)
    } catch {
      throw endless("the same page again and again: page \(error.pages) leads back to one before")
    }
    guard next.pages < template.manifest.limits.pages else {
      throw endless(
        "more than \(next.pages) pages for one partition, as if it never ended; take a smaller step "
          + "or raise pages_per_partition")
    }
    return next
  }

  /// What tells this page from every other: its position, or, where positions are counted by us
  /// and so never repeat, its first and last record.
  private func mark(of place: PageCursor.Place, _ scan: ScannedPage, in body: [UInt8]) -> UInt64 {
    switch paging.pagination {
    case .none, .nextURL, .linkHeader, .cursor, .lastID:
      let query = [place.parents, place.slice, place.seek].compactMap(\.self)
      return Fingerprint.of((query + [place.position ?? ""]).joined(separator: "\n"))
    case .page, .offset:
      var fingerprint = Fingerprint()
      for record in [scan.records.first, scan.records.last].compactMap(\.self) {
        fingerprint.combine(body[Int(record.start)..<Int(record.end)])
      }
      fingerprint.combine(String(scan.records.count).utf8)
      return fingerprint.value
    }
  }

  /// A source that comes to an end with fewer records than it says that there are has lost some on
  /// the way; nobody knows which.
  private func checkCount(_ came: Int, _ total: Int?) throws(SourceFailure) {
    guard let total, came < total, !stream.window.endsEarly else { return }
    throw endless("\(came) records of a query that it says has \(total)")
  }
}

// What the answer says of it
extension PageReader {
  private func hasMore(
    _ scan: ScannedPage, _ total: Int?, in body: [UInt8]
  ) throws(SourceFailure) -> Bool? {
    if let place = template.envelope.hasMore {
      switch scan.envelope[place].kind {
      case .true: return true
      case .false: return false
      default:
        let path = template.envelope.paths[place]
        throw invalid("an answer in which \(path) is neither true nor false")
      }
    }
    let size = cursor.size ?? paging.size
    if paging.shortPageEnds, let size, scan.records.count < size { return false }
    if let pages = try number(template.envelope.totalPages, scan, in: body) {
      return pages > lastPage ? nil : false
    }
    if let total, paging.pagination.isCounted, cursor.place.records + scan.records.count >= total {
      return false
    }
    return nil
  }

  /// How many pages were read with this one, where pages are numbered.
  private var lastPage: Int {
    guard case .page(let first) = paging.pagination else { return cursor.pages + 1 }
    return (cursor.position.flatMap { Int($0) } ?? first) - first + 1
  }

  /// A whole number around the records; nil where the definition names none, or the answer has none.
  private func number(
    _ place: Int?, _ scan: ScannedPage, in body: [UInt8]
  ) throws(SourceFailure) -> Int? {
    guard let place else { return nil }
    let path = template.envelope.paths[place]
    guard let text = try text(scan.envelope[place], at: "\(path)", in: body) else { return nil }
    guard let number = Int(text), number >= 0 else {
      throw invalid("an answer in which \(path) is no whole number")
    }
    return number
  }

  private func token(
    _ scan: ScannedPage, in response: OutboundResponse
  ) throws(SourceFailure) -> String? {
    switch paging.pagination {
    case .none, .page, .offset: return nil
    case .linkHeader:
      return try position(of: LinkHeader.next(in: response.headers.all("Link")), in: response)
    case .nextURL(let path), .cursor(let path, _):
      guard let place = template.envelope.token else { return nil }
      if scan.envelope[place].kind != .missing { witness.note() }
      let token = try text(scan.envelope[place], at: "\(path)", in: response.body)
      guard case .nextURL = paging.pagination else { return token }
      return try position(of: token, in: response)
    case .lastID:
      return try lastID(ownFields.lastID, scan, in: response.body)
    }
  }

  private func position(
    of link: String?, in response: OutboundResponse
  ) throws(SourceFailure) -> String? {
    guard let link else { return nil }
    do throws(RequestTemplate.LinkFault) {
      return try template.position(of: link, in: response.url)
    } catch {
      throw invalid(error.words)
    }
  }

  /// A text or a number; nil where there is none, be it that the field is missing, null, false or
  /// empty.
  private func text(
    _ slice: JSONSlice, at path: String, in body: [UInt8]
  ) throws(SourceFailure) -> String? {
    switch slice.kind {
    case .missing, .null, .false: return nil
    case .number, .string, .escapedString:
      if let text = body.withUnsafeBytes({ slice.text(in: $0) }) {
        return text.isEmpty ? nil : text
      }
    case .true, .array, .object: break
    }
    throw invalid("an answer in which \(path) is no text")
  }

  private func endless(_ what: String) -> SourceFailure {
    SourceFailure(.endless, "\(source) gave \(what).")
  }

  private func invalid(_ what: String) -> SourceFailure {
    SourceFailure(.invalidPage, "\(source) gave \(what).")
  }
}

extension Pagination {
  /// Whether positions follow from how many records came.
  fileprivate var isCounted: Bool {
    switch self {
    case .page, .offset, .lastID: true
    case .none, .nextURL, .linkHeader, .cursor: false
    }
  }
}
