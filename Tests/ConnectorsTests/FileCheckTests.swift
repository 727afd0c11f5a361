import Connectors
import Domain
import Foundation
import JSON
import Testing

struct FileCheckTests {
  private let definition = """
    key: "order:{id}", event_time: {field: "at", format: "local"},
    measures: {amount: {field: "amount", currency: "EUR"}}
    """

  private func connector(
    _ folder: TemporaryFolder, _ path: String, more: String = ""
  ) throws -> any Connector {
    let source = try shop(
      """
      {sources: {shop: {connector: "files", streams: {orders: {\(definition), path: "\(path)", \(more)
      }}}}}
      """, directory: folder.path)
    return try ConnectorsTests.connector(source, try factory(cache: "\(folder.path)/cache"))
  }

  /// What is said when a backfill is submitted, and what when it is read nevertheless.
  private func sentences(
    _ folder: TemporaryFolder, _ path: String, more: String = ""
  ) async throws -> [String] {
    let connector = try connector(folder, path, more: more)
    let checked = await #expect(throws: SourceFailure.self) { try await connector.check() }
    #expect(checked?.kind == .misconfigured)
    let read = await #expect(throws: SourceFailure.self) {
      try await connector.pages(thousandSeconds, fields: [JSONPath("id")])
    }
    #expect(read?.kind == .misconfigured)
    return [checked?.message ?? "", read?.message ?? ""]
  }

  @Test("a sound file passes")
  func sound() async throws {
    let folder = try TemporaryFolder()
    try folder.write("o.csv", "id,at,amount\n1,2024-03-01,1.5\n")
    try await connector(folder, "o.csv").check()
    try folder.write("empty.csv", "id,at,amount\n")
    try await connector(folder, "empty.csv").check()
    #expect(try await connector(folder, "empty.csv").pages(thousandSeconds, fields: []).count == 1)
    try folder.write("empty.ndjson", "")
    try await connector(folder, "empty.ndjson").check()
  }

  @Test(
    "a file that is not what it claims is refused with a sentence, at submit and at reading",
    arguments: [
      ("none.csv", nil, "No file matches"),
      ("o.csv", "PK\u{3}\u{4}\u{0}\u{0}", "is not a text file"),
      ("o.csv", "", "has no first row with the names of its columns"),
      ("o.csv", "\n", "has no first row"),
      ("o.csv", "id,at,amuont\n1,2024-03-01,2\n", "has no column amount; did you mean amuont?"),
      ("o.csv", "a,b\n1,2\n", "has no column id; it has a, b."),
      ("o.csv", "id,at,amount,at\n", "has the column at twice"),
      ("o.csv", "id;at;amount\n1;2024-03-01;2\n", "has no column id"),
      ("o.csv", "id,at,amount\n1,01/02/2024,2\n", "from at, which is \"01/02/2024\" in the first"),
      ("o.csv", "id,at,amount\n1;2;3\n", "No row of"),
      ("o.ndjson", "[\n{\"id\":1}\n]\n", "has a time that can be read from at"),
      ("o.ndjson", "id,at,amount\n1,2024-03-01,2\n", "does not hold one JSON object a line"),
      ("o.ndjson", "{\"id\":1,\"at\":5}\n", "which is \"5\" in the first record"),
      ("o.csv.gz", "id,at,amount\n1,2024-03-01,2\n", "is not packed by gzip"),
    ] as [(String, String?, String)])
  func refused(name: String, content: String?, sentence: String) async throws {
    let folder = try TemporaryFolder()
    if let content { try folder.write(name, content) }
    let said = try await sentences(folder, name)
    #expect(said[0].contains(sentence), "\(said[0])")
    #expect(said.allSatisfy { $0.contains("\(folder.path)/\(name)") })
  }

  @Test("a packed file under a name that does not say so is refused")
  func unexpectedGzip() async throws {
    let folder = try TemporaryFolder()
    try folder.write("o.csv", [0x1F, 0x8B, 8, 0, 0, 0])
    let said = try await sentences(folder, "o.csv")
    #expect(said.allSatisfy { $0.contains("although its name does not end in .gz") })
  }

  @Test("a packed file that is cut off is never taken for whole")
  func brokenGzip() async throws {
    let folder = try TemporaryFolder()
    var random = Seeded(7)
    let rows = (0..<200_000).map {
      "\($0),2024-03-01,\(Int.random(in: 0...99_999, using: &random))"
    }
    let path = try folder.write("o.csv", "id,at,amount\n" + rows.joined(separator: "\n"))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/gzip")
    process.arguments = [path]
    try process.run()
    process.waitUntilExit()
    let packed = try Data(contentsOf: URL(fileURLWithPath: path + ".gz"))
    try folder.write("o.csv.gz", Array(packed.dropLast(100)))
    let connector = try connector(folder, "o.csv.gz")
    // Its beginning is sound, and that is all that a look at submit sees.
    try await connector.check()
    let failure = await #expect(throws: SourceFailure.self) {
      try await connector.pages(thousandSeconds, fields: [])
    }
    #expect(failure?.kind == .misconfigured)
    #expect(
      failure?.message.contains("cannot be unpacked to its end: unexpected end of file") == true)
    #expect(try folder.names(in: "cache").filter { $0.hasSuffix(".index") } == [])
  }

  @Test("a folder is no file")
  func folder() async throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/d.csv", withIntermediateDirectories: false)
    let failure = await #expect(throws: SourceFailure.self) {
      try await connector(folder, "d.csv").check()
    }
    #expect(failure?.message.contains("d.csv cannot be read") == true)
  }
}
