import Connectors
import Domain
import Foundation
import JSON
import Testing

struct FileConnectorTests {
  private let day = window("2024-03-01T00:00:00Z", "2024-03-02T00:00:00Z")
  private let fields = [JSONPath("id"), JSONPath("at")]

  /// A source over files of a folder, by default of local times in UTC.
  private func source(
    _ folder: TemporaryFolder, _ path: String, key: String = "{id}", more: String = ""
  ) throws -> SourceDefinition {
    try shop(
      """
      {sources: {shop: {connector: "files", streams: {orders: {key: "order:\(key)",
        event_time: {field: "at", format: "local"}, path: "\(path)", \(more)}}}}}
      """, directory: folder.path)
  }

  private func connector(
    _ folder: TemporaryFolder, _ path: String, more: String = ""
  ) throws -> any Connector {
    try ConnectorsTests.connector(
      try source(folder, path, more: more), try factory(cache: "\(folder.path)/cache/files"))
  }

  @Test("rows of a CSV file come as JSON objects, by the day that their field names")
  func csv() async throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "orders.csv", "\u{FEFF}id,at,\"no te\"\r\no1,2024-02-29,x\r\no2,2024-03-01,\"a\r\nb\"\r\n")
    let pages = try await connector(folder, "orders.csv").pages(day, fields: fields)
    #expect(pages.flatMap(\.texts) == [#"{"id":"o2","at":"2024-03-01","no te":"a\r\nb"}"#])
    #expect(pages.flatMap { $0.field(0) } == ["o2"])
    #expect(pages.map(\.requests) == [0])
  }

  @Test("lines of NDJSON come as the bytes that came")
  func ndjson() async throws {
    let folder = try TemporaryFolder()
    let line = #"{"at": "2024-03-01T10:00:00" , "id":1.50, "x":[1 ,2]}"#
    try folder.write("orders.ndjson", "\(line)\r\n\n{\"id\":2,\"at\":\"2024-03-02\"}\n")
    let pages = try await connector(folder, "orders.ndjson").pages(day, fields: fields)
    #expect(pages.flatMap(\.texts) == [line])
    #expect(pages.flatMap { $0.field(0) } == ["1.50"])
  }

  @Test("several files that the path names are one stream, packed ones too")
  func glob() async throws {
    let folder = try TemporaryFolder()
    try folder.write("a1.csv", "id,at\n1,2024-03-01\n")
    try folder.write("a2.csv", "at,id\n2024-03-01,2\n")
    try folder.write("b1.csv", "id,at\n3,2024-03-01\n")
    let pages = try await connector(folder, "a*.csv").pages(day, fields: fields)
    #expect(pages.flatMap { $0.field(0) } == ["1", "2"])
    try gzip(folder, "a2.csv")
    let packed = try await connector(folder, "a*.csv*", more: #"format: "csv""#)
      .pages(day, fields: fields)
    #expect(packed.flatMap { $0.field(0) } == ["1", "2"])
  }

  @Test("days are those of the zone in which the times are written")
  func zone() async throws {
    let folder = try TemporaryFolder()
    try folder.write("o.csv", "id,at\n1,2024-02-29 23:30:00\n2,2024-03-01 00:30:00\n")
    let source = try shop(
      """
      {sources: {shop: {connector: "files", streams: {orders: {key: "order:{id}", path: "o.csv",
        event_time: {field: "at", format: "local", zone: "Europe/Berlin"}}}}}}
      """, directory: folder.path)
    let connector = try ConnectorsTests.connector(
      source, try factory(cache: "\(folder.path)/cache"))
    let pages = try await connector.pages(
      window("2024-02-29T23:00:00Z", "2024-03-01T23:00:00Z"), fields: fields)
    #expect(pages.flatMap { $0.field(0) } == ["2"])
  }

  @Test("pages end at a number of records, and the next attempt goes on where the last ended")
  func pages() async throws {
    let folder = try TemporaryFolder()
    let rows = (0..<12_000).map { "\($0),2024-03-01" }.joined(separator: "\n")
    try folder.write("o.csv", "id,at\n\(rows)\n")
    let first = try await connector(folder, "o.csv")
      .page(PageRequest(window: day, cursor: nil, fields: fields))
    #expect(first.scan.records.count == 5_000)
    var ids = first.field(0)
    var cursor = first.next
    while let at = cursor {
      let page = try await connector(folder, "o.csv")
        .page(PageRequest(window: day, cursor: at, fields: fields))
      ids += page.field(0)
      cursor = page.next
    }
    #expect(ids == (0..<12_000).map { "\($0)" })
  }

  @Test("a file is indexed once, and its index is shared and replaced with the file")
  func cache() async throws {
    let folder = try TemporaryFolder()
    try folder.write("o.csv", "id,at\n1,2024-03-01\n")
    let connectors = try (0..<8).map { _ in try connector(folder, "o.csv") }
    try await withThrowingTaskGroup(of: [String?].self) { group in
      for connector in connectors {
        group.addTask { try await connector.pages(day, fields: fields).flatMap { $0.field(0) } }
      }
      for try await ids in group { #expect(ids == ["1"]) }
    }
    let names = try folder.names(in: "cache/files")
    #expect(names.filter { $0.hasSuffix(".index") }.count == 1)
    #expect(names.filter { $0.hasSuffix(".draft") }.isEmpty)

    try folder.write("o.csv", "id,at\n1,2024-03-01\n2,2024-03-01\n")
    let pages = try await connector(folder, "o.csv").pages(day, fields: fields)
    #expect(pages.flatMap { $0.field(0) } == ["1", "2"])
    let after = try folder.names(in: "cache/files").filter { $0.hasSuffix(".index") }
    #expect(after.count == 1)
    #expect(after != names.filter { $0.hasSuffix(".index") })
  }

  @Test("a damaged index is made anew")
  func damagedIndex() async throws {
    let folder = try TemporaryFolder()
    try folder.write("o.csv", "id,at\n1,2024-03-01\n")
    _ = try await connector(folder, "o.csv").pages(day, fields: fields)
    let name = try #require(
      try folder.names(in: "cache/files").first { $0.hasSuffix(".index") })
    try folder.write("cache/files/\(name)", "garbage")
    let pages = try await connector(folder, "o.csv").pages(day, fields: fields)
    #expect(pages.flatMap { $0.field(0) } == ["1"])
  }

  @Test("a file that changes under a reader fails the attempt; the next begins with what is there")
  func changed() async throws {
    let folder = try TemporaryFolder()
    let rows = (0..<6_000).map { "\($0),2024-03-01" }.joined(separator: "\n")
    try folder.write("o.csv", "id,at\n\(rows)\n")
    let connector = try connector(folder, "o.csv")
    let first = try await connector.page(PageRequest(window: day, cursor: nil, fields: fields))
    try folder.write("o.csv", "id,at\n7,2024-03-01\n")
    let failure = await #expect(throws: SourceFailure.self) {
      try await connector.page(PageRequest(window: day, cursor: first.next, fields: fields))
    }
    #expect(failure?.kind == .sourceChanged)
    #expect(failure?.message.contains("o.csv changed while it was read") == true)
    let next = try await connector.page(
      PageRequest(window: day, cursor: first.next, fields: fields))
    #expect(next.field(0) == ["7"])
    #expect(next.next == nil)
  }

  @Test("a copy that is gone is made anew by the next attempt")
  func copyGone() async throws {
    let folder = try TemporaryFolder()
    try folder.write("o.csv", "id,at\n1,2024-03-01\n")
    try gzip(folder, "o.csv")
    let connector = try connector(folder, "o.csv.gz")
    #expect(try await connector.pages(day, fields: fields).flatMap { $0.field(0) } == ["1"])
    try FileManager.default.removeItem(atPath: "\(folder.path)/cache/files")
    let failure = await #expect(throws: SourceFailure.self) {
      try await connector.pages(day, fields: fields)
    }
    #expect(failure?.kind == .sourceChanged)
    #expect(try await connector.pages(day, fields: fields).flatMap { $0.field(0) } == ["1"])
  }

  @Test("bad rows are records with a flaw, in the partition of the row before them")
  func badRows() async throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "o.csv",
      "id,at\nfirst\n1,2024-02-29\nbad,1,2\n2,2024-03-01\n3,when\nworse\n4,2024-03-02\nlast,,\n")
    let connector = try connector(folder, "o.csv")
    let before = try await connector.pages(
      window("2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"), fields: fields)
    #expect(before.flatMap(\.texts) == ["first", #"{"id":"1","at":"2024-02-29"}"#, "bad,1,2"])
    #expect(before.flatMap(\.scan.records).map(\.flaw) == [.malformed, nil, .malformed])
    let same = try await connector.pages(day, fields: fields)
    #expect(
      same.flatMap(\.texts) == [
        #"{"id":"2","at":"2024-03-01"}"#, #"{"id":"3","at":"when"}"#, "worse",
      ])
    let after = try await connector.pages(
      window("2024-03-02T00:00:00Z", "2024-03-03T00:00:00Z"), fields: fields)
    #expect(after.flatMap(\.texts) == [#"{"id":"4","at":"2024-03-02"}"#, "last,,"])
  }

  @Test("a line beyond all measure comes as its beginning, and the lines behind it whole")
  func longLine() async throws {
    let folder = try TemporaryFolder()
    let long = String(repeating: "x", count: 17 << 20)
    for (name, text) in [
      ("o.csv", "id,at\n1,2024-03-01\n2,\(long)\n3,2024-03-01\n"),
      (
        "o.ndjson",
        "{\"id\":1,\"at\":\"2024-03-01\"}\n{\"id\":\"\(long)\n{\"id\":3,\"at\":\"2024-03-01\"}"
      ),
      ("q.csv", "id,at\n1,2024-03-01\n2,\"\(long)\n3,2024-03-01\n"),
    ] {
      try folder.write(name, text)
      let pages = try await connector(folder, name).pages(day, fields: fields)
      #expect(pages.flatMap { $0.field(0) } == ["1", "3"], "\(name)")
      let flaws = pages.flatMap(\.scan.records).compactMap(\.flaw)
      #expect(flaws == [.tooLarge], "\(name)")
      #expect(pages.map(\.bytes.count).reduce(0, +) < 100_000, "\(name)")
    }
  }

  @Test("an unclosed quote costs its own line, however long the file goes on")
  func unclosedQuote() async throws {
    let folder = try TemporaryFolder()
    let filler = String(repeating: "f", count: 1_000)
    let rows = (0..<20_000).map { "\($0) \(filler),2024-03-01" }.joined(separator: "\n")
    try folder.write("o.csv", "id,at\nx,\"2024-03-01\n\(rows)\n")
    let pages = try await connector(folder, "o.csv").pages(day, fields: fields)
    #expect(pages.flatMap { $0.field(0) }.count == 20_000)
    #expect(pages.flatMap(\.scan.records).filter { $0.flaw != nil }.count == 1)
  }

  private func gzip(_ folder: TemporaryFolder, _ name: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/gzip")
    process.arguments = ["\(folder.path)/\(name)"]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }
}
