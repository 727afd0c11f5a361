import Domain
import JSON

/// One scan of one file: rows in, pages out.
actor FileScan {
  private let specification: FileSpecification
  private let path: String
  private let number: Int
  private let isLast: Bool
  /// What lies before this offset was taken by an earlier attempt.
  private let from: Int64
  private let fields: [JSONPath]
  private let pageBytes: Int
  private let hand: @Sendable (Page) async -> Bool
  private var splitter: RowSplitter
  private var names: [[UInt8]]?
  private var page = GatheredPage()

  init(
    specification: FileSpecification, path: String, number: Int, isLast: Bool, from: Int64,
    fields: [JSONPath], pageBytes: Int, take hand: @escaping @Sendable (Page) async -> Bool
  ) {
    self.specification = specification
    self.path = path
    self.number = number
    self.isLast = isLast
    self.from = from
    self.fields = fields
    self.pageBytes = pageBytes
    self.hand = hand
    if case .csv(let delimiter) = specification.format {
      splitter = RowSplitter(delimiter: delimiter)
    } else {
      splitter = RowSplitter(delimiter: nil)
    }
  }

  /// Takes what was read next; false when no more is wanted.
  func take(_ chunk: [UInt8]) async throws(FileFault) -> Bool {
    splitter.append(chunk)
    return try await handOn()
  }

  /// Takes the end of the file; false when no more is wanted.
  func finish() async throws(FileFault) -> Bool {
    splitter.end()
    guard try await handOn() else { return false }
    // The last page of all says that nothing follows, be it empty.
    return await hand(page.page(fields: fields, next: isLast ? nil : "\(number + 1) 0"))
  }

  private func handOn() async throws(FileFault) -> Bool {
    for (row, next) in splitter.rows() {
      if names == nil, case .csv = specification.format {
        names = row.columns
        continue
      }
      guard next > from else { continue }
      add(row)
      if page.byteCount >= pageBytes {
        guard await hand(page.page(fields: fields, next: "\(number) \(next)")) else { return false }
      }
    }
    return true
  }

  private func add(_ row: RowSplitter.Row) {
    guard case .csv = specification.format else { return page.add(row.bytes) }
    let names = names ?? []
    guard row.columns.count == names.count else { return page.add(.malformed, row.bytes) }
    guard String(validating: row.bytes, as: UTF8.self) != nil else {
      return page.add(.invalidUTF8, row.bytes)
    }
    guard !row.bytes.contains(0) else { return page.add(.nulCharacter, row.bytes) }
    // As the reader writes rows: an object of texts, in the order of the columns.
    let members = zip(names, row.columns).map { name, text in
      "\(Self.quoted(name)):\(Self.quoted(text))"
    }
    page.add(Array("{\(members.joined(separator: ","))}".utf8))
  }

  private static func quoted(_ text: [UInt8]) -> String {
    JSONValue.string(String(decoding: text, as: UTF8.self)).encoded()
  }
}
