import Domain
import Glibc
import JSON
import Outbound
import Testing

@testable import Connectors

struct FileConnectorPropertyTests {
  @Test(
    "every sound record of any file comes once, and every bad one once, whatever the partitions",
    arguments: 1...150)
  func everyRecordOnce(seed: UInt64) async throws {
    var random = Seeded(seed)
    let folder = try TemporaryFolder()
    let made = RandomFile(&random)
    for (name, bytes) in made.files { try folder.write(name, bytes) }
    let specification = FileSpecification(
      path: "\(folder.path)/data*", format: made.format,
      eventTime: TimeField(path: JSONPath("at"), format: .epochSeconds))
    let cache = IndexCache(
      folder: "\(folder.path)/cache",
      sizes: IndexSizes(
        block: .random(in: 1...4_000, using: &random), ordered: random.pick([1, .max]),
        run: .random(in: 1...9_000, using: &random)))
    let bounds = PageBounds(
      bytes: .random(in: 1...5_000, using: &random), records: .random(in: 1...50, using: &random),
      bytesRead: .random(in: 1...20_000, using: &random))
    func connector() -> FileConnector {
      FileConnector(
        specification, time: TimeReader(format: .epochSeconds, zone: .utc),
        fields: [JSONPath("id"), JSONPath("at")], cache: cache, bounds: bounds)
    }

    var seen: [String: Int] = [:]
    var reader = connector()
    for window in made.tiling(&random) {
      var cursor: String?
      repeat {
        // Now and then another process goes on.
        if Int.random(in: 0..<4, using: &random) == 0 { reader = connector() }
        let page = try await reader.page(
          PageRequest(
            window: window, cursor: cursor, fields: [JSONPath("id"), JSONPath("at")]))
        for record in made.names(of: page) {
          seen[record, default: 0] += 1
          let time = made.times[record].map { Instant(microseconds: $0 * 1_000_000) }
          #expect(time.map(window.contains) == true, "seed \(seed), \(record)")
        }
        cursor = page.next
      } while cursor != nil
    }
    let wrong = made.times.keys.filter { seen[$0] != 1 }
    #expect(wrong == [], "seed \(seed)")
  }

  @Test("a packed file that is still being written is not taken for a broken one")
  func stillWritten() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("data.ndjson.gz", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1])
    var cache = IndexCache(folder: "\(folder.path)/cache")
    let specification = FileSpecification(
      path: path, format: .ndjson,
      eventTime: TimeField(path: JSONPath("at"), format: .epochSeconds))
    func failure() async -> SourceFailure? {
      let connector = FileConnector(
        specification, time: TimeReader(format: .epochSeconds, zone: .utc), fields: [], cache: cache
      )
      return await #expect(throws: SourceFailure.self) {
        try await connector.pages(thousandSeconds, fields: idAndTime)
      }
    }
    #expect(await failure()?.kind == .misconfigured)
    cache.room = { free in
      // The writer goes on while it is unpacked.
      truncate(path, 20)
      return free
    }
    #expect(await failure()?.kind == .sourceChanged)
  }

  @Test("a stray quote is not moved before other rows, which could make sense of it")
  func strayQuote() async throws {
    let folder = try TemporaryFolder()
    // In the order of time the open quote would come before a row whose quote closes it.
    let rows = (0..<40).map { "\($0),\(($0 * 7) % 40 + 100),\"\n\"" }
    try folder.write(
      "data.csv", "id,at,x\n\(rows.joined(separator: "\n"))\nx,1,\"open\ny,2,\"z\"\n")
    let cache = IndexCache(
      folder: "\(folder.path)/cache", sizes: IndexSizes(block: 100_000, ordered: 1, run: 10_000))
    let connector = FileConnector(
      FileSpecification(
        path: "\(folder.path)/data.csv", format: .csv(delimiter: UInt8(ascii: ",")),
        eventTime: TimeField(path: JSONPath("at"), format: .epochSeconds)),
      time: TimeReader(format: .epochSeconds, zone: .utc), fields: [], cache: cache)
    let pages = try await connector.pages(thousandSeconds, fields: idAndTime)
    #expect(pages.flatMap { $0.field(0) }.count == 41)
    #expect(pages.flatMap(\.scan.records).filter { $0.flaw != nil }.count == 1)
  }
}

/// Files as nobody would write them, and what should come out of them.
struct RandomFile {
  var format: FileSpecification.Format
  var files: [(name: String, bytes: [UInt8])] = []
  /// The time that each record belongs to: sound ones by id, bad ones by their bytes.
  var times: [String: Int64] = [:]
  /// Times go up to here.
  private let latest: Int64
  private var bads = 0

  init(_ random: inout Seeded) {
    format = Bool.random(using: &random) ? .ndjson : .csv(delimiter: UInt8(ascii: ";"))
    latest = random.pick([3, 50, 10_000])
    for number in 0..<Int.random(in: 1...3, using: &random) { addFile(number, &random) }
  }

  private mutating func addFile(_ number: Int, _ random: inout Seeded) {
    var order = (0..<Int.random(in: 1...300, using: &random)).map { _ in
      Int64.random(in: 0...latest, using: &random)
    }
    switch Int.random(in: 0..<3, using: &random) {
    case 0: order.sort()
    case 1: order.sort(by: >)
    default: break
    }
    let lineEnd = Bool.random(using: &random) ? "\n" : "\r\n"
    var text = format == .ndjson ? "" : "id;at;\"say; so\"\(lineEnd)"
    let badShare = random.pick([0, 0.1, 0.6])
    for (row, time) in order.enumerated() {
      while Double.random(in: 0..<1, using: &random) < badShare {
        // It belongs to the record before it, or to the first.
        text += bad(order[max(0, row - 1)], &random) + lineEnd
      }
      text += sound("\(number)-\(row)", time, &random) + lineEnd
    }
    if Bool.random(using: &random) { text.removeLast() }
    let mark: [UInt8] = Bool.random(using: &random) ? [0xEF, 0xBB, 0xBF] : []
    files.append(("data\(number)", mark + Array(text.utf8)))
  }

  private mutating func sound(_ id: String, _ time: Int64, _ random: inout Seeded) -> String {
    times["sound \(id)"] = time
    let words = random.pick(["", "plain", "5\" wide", "größer", String(repeating: "x", count: 700)])
    if format == .ndjson {
      let plain = words.filter { $0 != "\"" }
      return "{\"id\":\"\(id)\",\"n\":[1,{}],\"at\":\(time),\"w\":\"\(plain)\"}"
    }
    let quoted = random.pick([words, "\"a;b\"", "\"two\nlines\"", "\"say \"\"so\"\"\"", "\"\r\n\""])
    return "\(id);\(time);\(quoted)"
  }

  private mutating func bad(_ time: Int64, _ random: inout Seeded) -> String {
    bads += 1
    let line =
      switch format {
      case .ndjson: random.pick(["{\"id\":\(bads)", "\(bads)", "[\(bads)]", "{\"id\":\(bads)}}"])
      case .csv where latest == 50: random.pick(["\(bads)", "\(bads);1;2;3;4"])
      case .csv: random.pick(["\(bads)", "\"\(bads)\"x;5;6", "\(bads);\"7\"8;9"])
      }
    times["bad \(line)"] = time
    return line
  }

  /// The records of a page, as `times` names them.
  func names(of page: Page) -> [String] {
    zip(page.scan.records, page.texts).filter { $0.0.flaw != nil }.map { "bad \($0.1)" }
      + page.field(0).map { "sound \($0 ?? "?")" }
  }

  /// Windows side by side that cover all times.
  func tiling(_ random: inout Seeded) -> [Window] {
    let cuts = (0..<Int.random(in: 0...12, using: &random))
      .map { _ in Int64.random(in: 0...latest, using: &random) }
    let bounds = ([-1] + Set(cuts).sorted() + [latest + 1]).map {
      Instant(microseconds: $0 * 1_000_000)
    }
    return zip(bounds, bounds.dropFirst()).map { Window(from: $0, to: $1) }
  }
}
