import Domain
import JSON
import Outbound

/// Reads an answer as a page: its records, and where the next page is.
struct PageReader {
  /// The source's name, as messages say it.
  let source: String
  /// What made the request.
  let template: RequestTemplate
  /// What the answers so far had.
  let witness: PositionWitness

  private var stream: RestStream { template.stream }

  /// The records of an answer, the fields wanted of each, and the cursor of the next page, if there
  /// is one.
  func read(
    _ response: OutboundResponse, at cursor: PageCursor, fields: [JSONPath]
  ) throws(SourceFailure) -> (ScannedPage, next: PageCursor?) {
    let scan = try scan(response.body, fields + idField)
    return (scan, try next(after: cursor, scan, in: response))
  }
}

// Records
extension PageReader {
  /// The field that the position of the next page follows from, read behind those wanted.
  private var idField: [JSONPath] {
    if case .lastID(let path) = stream.pagination { [path] } else { [] }
  }

  /// The fields of an answer around its records: the one that the next position follows from, then
  /// the flag.
  private var envelope: [JSONPath] {
    [tokenPath, stream.hasMore].compactMap(\.self)
  }

  /// The field that leads to the next page, where one does.
  private var tokenPath: JSONPath? {
    switch stream.pagination {
    case .nextURL(let path), .cursor(let path): path
    case .none, .linkHeader, .lastID, .page, .offset: nil
    }
  }

  private func scan(
    _ body: [UInt8], _ fields: [JSONPath]
  ) throws(SourceFailure) -> ScannedPage {
    let scanner = RecordScanner(records: stream.records, envelope: envelope, fields: fields)
    do throws(JSONError) {
      return try body.withUnsafeBufferPointer { (bytes) throws(JSONError) in
        try scanner.scanDocument(UnsafeRawBufferPointer(bytes))
      }
    } catch {
      throw invalid("an answer that cannot be read as a page: \(error)")
    }
  }

  private func next(
    after cursor: PageCursor, _ scan: ScannedPage, in response: OutboundResponse
  ) throws(SourceFailure) -> PageCursor? {
    let answer = Pagination.Answer(
      records: scan.records.count, hasMore: try hasMore(scan, in: response.body),
      token: try token(scan, in: response))
    let position: String?
    do throws(Pagination.Fault) {
      position = try stream.pagination.next(after: answer, at: cursor.position)
    } catch {
      throw invalid(error.words)
    }
    guard let position else {
      try judgeEnd(at: cursor, scan)
      return nil
    }
    return try following(cursor, position, mark(of: position, scan, in: response.body))
  }

  /// A first page as large as was asked for, without the field that leads on, which no answer has
  /// had so far, is not taken for the end: the path is more likely mistaken.
  ///
  /// A source that leaves the field out at the end shows it elsewhere, and the next attempt knows.
  private func judgeEnd(at cursor: PageCursor, _ scan: ScannedPage) throws(SourceFailure) {
    guard cursor.pages == 0, stream.hasMore == nil, let size = stream.pageSize,
      scan.records.count >= size, let path = tokenPath, scan.envelope[0].kind == .missing,
      !witness.hasSeen
    else { return }
    throw invalid(
      "a first page of \(size) records, as many as were asked for, without \(path), which no answer "
        + "has had so far; correct the path of pagination, or raise its size where the source "
        + "leaves it out at the end")
  }

  private func following(
    _ cursor: PageCursor, _ position: String, _ mark: UInt64
  ) throws(SourceFailure) -> PageCursor {
    let next: PageCursor
    do throws(PageCursor.Circle) {
      next = try cursor.following(position, mark: mark)
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
  private func mark(of position: String, _ scan: ScannedPage, in body: [UInt8]) -> UInt64 {
    switch stream.pagination {
    case .none, .nextURL, .linkHeader, .cursor, .lastID: return Fingerprint.of(position)
    case .page, .offset:
      var fingerprint = Fingerprint()
      for record in [scan.records.first, scan.records.last].compactMap(\.self) {
        fingerprint.combine(body[Int(record.start)..<Int(record.end)])
      }
      fingerprint.combine(String(scan.records.count).utf8)
      return fingerprint.value
    }
  }

  private func hasMore(_ scan: ScannedPage, in body: [UInt8]) throws(SourceFailure) -> Bool? {
    guard let path = stream.hasMore, let slice = scan.envelope.last else { return nil }
    switch slice.kind {
    case .true: return true
    case .false: return false
    default: throw invalid("an answer in which \(path) is neither true nor false")
    }
  }

  private func token(
    _ scan: ScannedPage, in response: OutboundResponse
  ) throws(SourceFailure) -> String? {
    if tokenPath != nil, scan.envelope[0].kind != .missing { witness.note() }
    switch stream.pagination {
    case .none, .page, .offset: return nil
    case .linkHeader:
      return try position(of: LinkHeader.next(in: response.headers.all("Link")), in: response)
    case .nextURL(let path):
      let link = try text(scan.envelope[0], at: path, in: response.body)
      return try position(of: link, in: response)
    case .cursor(let path): return try text(scan.envelope[0], at: path, in: response.body)
    case .lastID(let path):
      guard let last = scan.fields.last else { return nil }
      return try text(last, at: path, in: response.body)
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
    _ slice: JSONSlice, at path: JSONPath, in body: [UInt8]
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
