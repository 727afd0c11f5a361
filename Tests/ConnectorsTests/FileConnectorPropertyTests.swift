import Domain
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
        for (record, text) in zip(page.scan.records, page.texts) where record.flaw != nil {
          seen["bad \(text)", default: 0] += 1
        }
        for id in page.field(0) { seen["sound \(id ?? "?")", default: 0] += 1 }
        for at in page.field(1).compactMap({ $0.flatMap { Int64($0) } }) {
          #expect(window.contains(Instant(microseconds: at * 1_000_000)), "seed \(seed)")
        }
        cursor = page.next
      } while cursor != nil
    }
    let wrong = Set(seen.keys).union(made.expected.keys)
      .filter { seen[$0] != made.expected[$0] }
    #expect(wrong == [], "seed \(seed)")
  }
}

/// A file as nobody would write it, and what should come out of it.
struct RandomFile {
  var format: FileSpecification.Format
  var files: [(name: String, bytes: [UInt8])] = []
  /// How often each record should be seen: sound ones by id, bad ones by their bytes.
  var expected: [String: Int] = [:]
  private var times: [Int64] = []

  init(_ random: inout Seeded) {
    format = Bool.random(using: &random) ? .ndjson : .csv(delimiter: UInt8(ascii: ";"))
    for number in 0..<Int.random(in: 1...3, using: &random) { addFile(number, &random) }
  }

  private mutating func addFile(_ number: Int, _ random: inout Seeded) {
    let count = Int.random(in: 1...300, using: &random)
    var times = (0..<count).map { _ in Int64.random(in: 0..<10_000, using: &random) }
    switch Int.random(in: 0..<3, using: &random) {
    case 0: times.sort()
    case 1: times.sort(by: >)
    default: break
    }
    let lineEnd = Bool.random(using: &random) ? "\n" : "\r\n"
    var text = format == .ndjson ? "" : "id;at;\"say; so\"\(lineEnd)"
    let badShare = random.pick([0, 0.1, 0.6])
    for (row, time) in times.enumerated() {
      while Double.random(in: 0..<1, using: &random) < badShare {
        text += bad(&random) + lineEnd
      }
      text += sound("\(number)-\(row)", time, &random) + lineEnd
    }
    self.times += times
    if Bool.random(using: &random) { text.removeLast() }
    let mark: [UInt8] = Bool.random(using: &random) ? [0xEF, 0xBB, 0xBF] : []
    files.append(("data\(number)", mark + Array(text.utf8)))
  }

  private mutating func sound(_ id: String, _ time: Int64, _ random: inout Seeded) -> String {
    expected["sound \(id)", default: 0] += 1
    let words = random.pick(["", "plain", "5\" wide", "größer", String(repeating: "x", count: 700)])
    if format == .ndjson {
      return
        "{\"id\":\"\(id)\",\"n\":[1,{}],\"at\":\(time),\"w\":\"\(words.filter { $0 != "\"" })\"}"
    }
    let quoted = random.pick([words, "\"a;b\"", "\"two\nlines\"", "\"say \"\"so\"\"\"", "\"\r\n\""])
    return "\(id);\(time);\(quoted)"
  }

  private mutating func bad(_ random: inout Seeded) -> String {
    let number = Int.random(in: 0..<1_000_000, using: &random)
    let line =
      format == .ndjson
      ? random.pick(["{\"id\":\(number)", "\(number)", "[\(number)]", "{\"id\":\(number)}}"])
      : random.pick([
        "\(number)", "\(number);1;2;3;4", "\"\(number)\"x;5;6", "\(number);\"7\"8;9",
      ])
    expected["bad \(line)", default: 0] += 1
    return line
  }

  /// Windows side by side that cover all times.
  func tiling(_ random: inout Seeded) -> [Window] {
    let cuts = (0..<Int.random(in: 0...12, using: &random))
      .map { _ in Int64.random(in: -5...10_005, using: &random) }
    let bounds = ([-10] + Set(cuts).sorted() + [10_010]).map {
      Instant(microseconds: $0 * 1_000_000)
    }
    return zip(bounds, bounds.dropFirst()).map { Window(from: $0, to: $1) }
  }
}
