import Domain
import JSON
import Testing

@testable import Connectors

@Suite("A file is scanned a second time")
struct FileVerifierTests {
  private actor Taken {
    var pages: [Page] = []
    func add(_ page: Page) { pages.append(page) }
  }

  private static func flaws(_ pages: [Page]) -> [String] {
    pages.flatMap { $0.scan.records.compactMap(\.flaw) }.map(\.rawValue).sorted()
  }

  /// All records of a stream as the second reader lists them.
  private func list(
    _ source: SourceDefinition, from cursor: String? = nil, upTo most: Int = .max
  ) async throws -> [Page] {
    let stream = try #require(source.streams.first)
    let verifier = try factory().verifier(for: stream, of: source)
    let taken = Taken()
    let request = PageRequest(window: .always, cursor: cursor, fields: stream.fields)
    try await verifier.list(request) { page in
      await taken.add(page)
      return await taken.pages.count < most
    }
    return await taken.pages
  }

  private func source(_ path: String) throws -> SourceDefinition {
    try shop(
      """
      {sources: {shop: {connector: "files", streams: {orders: {
        path: "\(path)", key: "o:{id}", event_time: {field: "at", format: "local"}}}}}}
      """)
  }

  @Test(
    "and comes to the same records, byte for byte, as the reader",
    arguments: [
      (
        "a.csv",
        "id,at,note\n1,2024-01-01,x\n2,2024-01-01,\"say \"\"so\"\"\"\n3,2024-01-02,\"a,b\"\n"
      ),
      (
        "b.csv",
        "\u{FEFF}id,at,note\r\n1,2024-01-01,\"two\nlines\"\r\n\r\n2,2024-01-01,5\" wide\r\n"
      ),
      ("c.csv", "id,at,note\n1,2024-01-01\n2,2024-01-01,tab\tand\\\n3,2024-01-01,größe"),
      (
        "d.ndjson",
        "{\"id\":1,\"at\":\"2024-01-01\"}\n\nno json\n{\"id\": 2, \"at\": \"2024-01-01\"}"
      ),
      (
        "e.ndjson",
        "{\"id\":1,\"at\":\"2024-01-01\",\"id\":2}\r\n{\"id\":3,\"at\":\"2024-01-02\"}\r\n"
      ),
    ])
  func same(name: String, text: String) async throws {
    let folder = try TemporaryFolder()
    let source = try source(try folder.write(name, text))
    let reader = try connector(source, factory(cache: "\(folder.path)/cache"))
    let fields = try #require(source.streams.first).fields
    let read = try await reader.pages(
      window("2024-01-01T00:00:00Z", "2024-01-03T00:00:00Z"), fields: fields)
    let listed = try await list(source)
    #expect(listed.flatMap(\.texts).sorted() == read.flatMap(\.texts).sorted())
    #expect(Self.flaws(listed) == Self.flaws(read))
  }

  @Test(
    "from where an earlier scan was, over several files, with nothing twice and nothing left out")
  func goesOn() async throws {
    let folder = try TemporaryFolder()
    for file in 0..<3 {
      let rows = (0..<30_000).map { "\(file)-\($0),2024-01-01,abcdefghijklmnopqrstuvwxyz" }
      try folder.write("f\(file).csv", "id,at,note\n" + rows.joined(separator: "\n") + "\n")
    }
    let source = try source("\(folder.path)/f*.csv")
    let all = try await list(source)
    #expect(all.count > 4)
    #expect(all.map { $0.scan.records.count }.reduce(0, +) == 90_000)
    let begun = try await list(source, upTo: 3)
    let rest = try await list(source, from: begun.last?.next)
    #expect((begun + rest).flatMap(\.texts) == all.flatMap(\.texts))
  }
}
