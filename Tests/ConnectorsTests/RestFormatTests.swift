import Connectors
import Domain
import HTTP
import JSON
import Outbound
import Testing

/// Answers that are no JSON document.
struct RestFormatTests {
  private func pages(_ body: [UInt8], stream: String) async throws -> [Page] {
    let fake = try FakeAPI { _ in Response(200, body: .bytes(body)) }
    let source = try shop(
      """
      {sources: {shop: {connector: "rest", base_url: "\(fake.address)",
        limits: {page_bytes: 4096},
        streams: {orders: {key: "order:{id}", event_time: {field: "at", format: "epoch_seconds"},
          path: "/orders", query: {from: "{window.from}", to: "{window.to}"},
          window: {from: "gte", to: "lt", format: "epoch_seconds"},
          pagination: {type: "none"}, \(stream)}}}}}
      """)
    #expect(ConnectorFactory.faults(in: source).map(\.description) == [])
    return try await connector(source, try factory()).pages(thousandSeconds, fields: idAndTime)
  }

  private func failure(_ body: [UInt8], stream: String) async -> SourceFailure? {
    await #expect(throws: SourceFailure.self) { try await pages(body, stream: stream) }
  }

  private let lines = Array("{\"id\":\"a\",\"at\":1}\n{\"id\":\"b\",\"at\":2}\n".utf8)

  @Test("lines of JSON are records, each by itself")
  func jsonLines() async throws {
    let pages = try await pages(lines, stream: #"format: "json_lines""#)
    #expect(pages.first?.field(0) == ["a", "b"])
    #expect(pages.first?.texts == [#"{"id":"a","at":1}"#, #"{"id":"b","at":2}"#])
    #expect(try await self.pages([], stream: #"format: "json_lines""#).first?.texts == [])
  }

  @Test("lines that end in the middle of one, or in words, are no page")
  func cutLines() async throws {
    let words = await failure(
      lines + Array("terminated early\n".utf8), stream: #"format: "json_lines""#)
    #expect(words?.kind == .invalidPage)
    let cut = await failure(Array(lines.dropLast(4)), stream: #"format: "json_lines""#)
    #expect(cut?.kind == .invalidPage)
  }

  @Test("rows below a header are records of texts")
  func csv() async throws {
    let text = "\u{feff}id;at;note\r\na;1;\"x;\"\"y\"\"\"\r\nb;2;\r\nbroken\r\n"
    let pages = try await pages(
      Array(text.utf8), stream: #"format: "csv", delimiter: ";""#)
    #expect(pages.first?.field(0) == ["a", "b"])
    #expect(pages.first?.field(1) == ["1", "2"])
    #expect(pages.first?.texts.first == #"{"id":"a","at":"1","note":"x;\"y\""}"#)
    #expect(pages.first?.scan.records.map(\.flaw) == [nil, nil, .malformed])
    #expect(try await self.pages([], stream: #"format: "csv""#).first?.texts == [])
    let twice = await failure(Array("id,id\n1,2\n".utf8), stream: #"format: "csv""#)
    #expect(twice?.message == "shop gave rows in which two columns are called id.")
  }

  /// The lines, packed by gzip as one stored block.
  private func gzipped(_ bytes: [UInt8]) -> [UInt8] {
    let length = [UInt8(bytes.count & 255), UInt8(bytes.count >> 8)]
    let block = [1] + length + length.map { ~$0 } + bytes
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + block + little(checksum(bytes))
      + little(UInt32(bytes.count))
  }

  /// An archive of files that are stored as they are.
  private func zipped(_ files: [[UInt8]]) -> [UInt8] {
    var archive: [UInt8] = []
    var directory: [UInt8] = []
    for (place, file) in files.enumerated() {
      let name = Array("part\(place)".utf8)
      let size = little(UInt32(file.count))
      let facts =
        [20, 0, 0, 0, 0, 0, 0, 0, 0, 0] + little(checksum(file)) + size + size
        + [UInt8(name.count), 0, 0, 0]
      directory +=
        [0x50, 0x4B, 1, 2, 20, 0] + facts + [UInt8](repeating: 0, count: 10)
        + little(UInt32(archive.count)) + name
      archive += [0x50, 0x4B, 3, 4] + facts + name + file
    }
    let count = [UInt8(files.count), 0]
    return archive + directory + [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + count + count
      + little(UInt32(directory.count)) + little(UInt32(archive.count)) + [0, 0]
  }

  private func little(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * UInt32($0))) }
  }

  /// CRC-32 bit by bit, as the standard writes it.
  private func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in
        sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1
      }
    }
  }

  @Test("files packed by gzip, by zip, or by gzip in a zip are read as what they hold")
  func packed() async throws {
    let half = Array("{\"id\":\"c\",\"at\":3}".utf8)
    for (body, stream, ids) in [
      (gzipped(lines), #"format: "json_lines", packing: "gzip""#, ["a", "b"]),
      (zipped([lines]), #"format: "json_lines", packing: "zip""#, ["a", "b"]),
      (
        zipped([half, gzipped(lines)]), #"format: "json_lines", packing: "zip""#, ["c", "a", "b"]
      ),
      (zipped([]), #"format: "json_lines", packing: "zip""#, []),
      (gzipped(Array("[{\"id\":\"d\",\"at\":1}]".utf8)), #"packing: "gzip""#, ["d"]),
    ] {
      #expect(try await pages(body, stream: stream).first?.field(0) == ids)
    }
  }

  @Test("an archive that is cut off, altered, or grows beyond the bound is no page")
  func brokenArchives() async throws {
    let archive = zipped([lines, lines])
    for end in [0, 10, archive.count / 2, archive.count - 1] where end > 0 {
      let failure = await failure(
        Array(archive.prefix(end)), stream: #"format: "json_lines", packing: "zip""#)
      #expect(failure?.kind == .invalidPage)
    }
    var altered = archive
    altered[40] ^= 1
    let changed = await failure(altered, stream: #"format: "json_lines", packing: "zip""#)
    #expect(changed?.kind == .invalidPage)
    // The whole goes over the wire within its bound, but both files claim more when unpacked.
    let bomb = zipped([[UInt8](repeating: 32, count: 1_900), [UInt8](repeating: 32, count: 1_900)])
    #expect(try await pages(bomb, stream: #"format: "json_lines", packing: "zip""#).count == 1)
    #expect(throws: Packing.Fault.tooLarge) {
      try Packing.zip.unpack(zipped([lines, lines]), limit: lines.count * 2 - 1)
    }
    #expect(throws: Packing.Fault.malformed) { try Packing.zip.unpack([], limit: 10) }
  }

  @Test("around lines and rows nothing can be looked at")
  func faults() throws {
    let source = try shop(
      """
      {sources: {shop: {connector: "rest", base_url: "https://a.test",
        streams: {orders: {key: "order:{id}", event_time: "at", path: "/{window.from}{window.to}",
          window: {from: "gte", to: "lt", format: "date"}, format: "csv", records: "data",
          delimiter: "ab", pagination: {type: "cursor", path: "next", parameter: "c"}}}}}}
      """)
    let found = ConnectorFactory.faults(in: source).map(\.description)
    for expected in ["records: expected no records", "pagination: expected nothing", "delimiter:"] {
      #expect(found.contains { $0.hasPrefix("sources.shop.streams.orders.\(expected)") })
    }
  }
}
