import Domain
import JSON
import Testing

@testable import Connectors

struct CSVRowTests {
  /// The rows of a text as JSON, or as they stand where they are flawed; cut in pieces of a length.
  private func rows(
    _ text: String, header: [String] = ["a", "b"], delimiter: Character = ","
  ) throws -> [String] {
    var cutter = CSVRecords(
      header: CSVHeader(names: header), delimiter: delimiter.asciiValue ?? 0, timeColumn: 0,
      time: TimeReader(format: .epochSeconds, zone: .utc), fields: [])
    let bytes = Array(text.utf8) + [UInt8](repeating: UInt8(ascii: "#"), count: 8)
    return try bytes.withUnsafeBytes { raw in
      let whole = UnsafeRawBufferPointer(rebasing: raw.dropLast(8))
      var pieces: [Piece] = []
      let consumed = try cutter.cut(whole, isLast: true, into: &pieces)
      #expect(consumed == whole.count)
      var page = PageBuilder(fieldCount: 0)
      for index in pieces.indices { cutter.write(index, of: pieces, from: whole, into: &page) }
      return zip(page.records, page.page(next: nil).texts).map { record, text in
        record.flaw.map { "\($0): \(text)" } ?? text
      }
    }
  }

  @Test(
    "rows become objects of strings, exactly the text that stood there",
    arguments: [
      ("1,2\n3,4\n", [#"{"a":"1","b":"2"}"#, #"{"a":"3","b":"4"}"#]),
      ("1,2\r\n3,4", [#"{"a":"1","b":"2"}"#, #"{"a":"3","b":"4"}"#]),
      ("1,\n,\n", [#"{"a":"1","b":""}"#, #"{"a":"","b":""}"#]),
      ("\n\r\n1,2\n\n", [#"{"a":"1","b":"2"}"#]),
      (" 1 , 0042.10\n", [#"{"a":" 1 ","b":" 0042.10"}"#]),
      ("\"1\",\"a,b\"\n", [#"{"a":"1","b":"a,b"}"#]),
      ("1,\"say \"\"so\"\"\"\n", [#"{"a":"1","b":"say \"so\""}"#]),
      (
        "1,\"two\nlines\r\n\"\r\n3,4\n",
        [#"{"a":"1","b":"two\nlines\r\n"}"#, #"{"a":"3","b":"4"}"#]
      ),
      ("1,5\" wide\n", [#"{"a":"1","b":"5\" wide"}"#]),
      ("1,a\\b\tc\u{1}\n", [#"{"a":"1","b":"a\\b\tc\u0001"}"#]),
      ("1,größe 漢字\n", [#"{"a":"1","b":"größe 漢字"}"#]),
      ("1,\"\"\n", [#"{"a":"1","b":""}"#]),
      ("1,\"x\"", [#"{"a":"1","b":"x"}"#]),
      ("1,\"x\"\r", [#"{"a":"1","b":"x"}"#]),
      ("1,x\r\r\n", [#"{"a":"1","b":"x\r"}"#]),
    ])
  func values(text: String, expected: [String]) throws {
    #expect(try rows(text) == expected)
  }

  @Test(
    "a line that is no row is malformed, and the rows behind it are read as if it were not there",
    arguments: [
      ("1\n3,4\n", ["malformed: 1", #"{"a":"3","b":"4"}"#]),
      ("1,2,3\r\n3,4\n", ["malformed: 1,2,3", #"{"a":"3","b":"4"}"#]),
      ("1,\"x\"y\n3,4\n", ["malformed: 1,\"x\"y", #"{"a":"3","b":"4"}"#]),
      (
        "1,\"open\n3,4\n5,6\n",
        ["malformed: 1,\"open", #"{"a":"3","b":"4"}"#, #"{"a":"5","b":"6"}"#]
      ),
      ("1,\"open\n3,\"4\"\n", ["malformed: 1,\"open", #"{"a":"3","b":"4"}"#]),
      ("\"", ["malformed: \""]), ("\"\"\"", ["malformed: \"\"\""]),
      ("1,\"a\"\r5,6\n", ["malformed: 1,\"a\"\r5,6"]),
    ])
  func malformed(text: String, expected: [String]) throws {
    #expect(try rows(text) == expected)
  }

  @Test("the delimiter may be another, and names of columns are escaped like values")
  func dialect() throws {
    #expect(
      try rows("1;2,3\n", header: ["a\"", "b\\n"], delimiter: ";") == [#"{"a\"":"1","b\\n":"2,3"}"#]
    )
    #expect(try rows("1\t2\n", delimiter: "\t") == [#"{"a":"1","b":"2"}"#])
  }

  @Test("rows with bytes that no text has are flawed, and kept as they came")
  func notText() throws {
    #expect(try rows("1,\u{0}\n") == ["nulCharacter: 1,\u{0}"])
    var cutter = CSVRecords(
      header: CSVHeader(names: ["a", "b"]), delimiter: UInt8(ascii: ","), timeColumn: 0,
      time: TimeReader(format: .epochSeconds, zone: .utc), fields: [JSONPath("b")])
    let bytes: [UInt8] = [0x31, 0x2C, 0xFF, 0x0A] + [UInt8](repeating: 0, count: 8)
    let page = try bytes.withUnsafeBytes { raw in
      let whole = UnsafeRawBufferPointer(rebasing: raw.dropLast(8))
      var pieces: [Piece] = []
      _ = try cutter.cut(whole, isLast: true, into: &pieces)
      var page = PageBuilder(fieldCount: 1)
      cutter.write(0, of: pieces, from: whole, into: &page)
      return page
    }
    #expect(page.records.map(\.flaw) == [.invalidUTF8])
    #expect(page.bytes == [0x31, 0x2C, 0xFF])
    #expect(page.fields == [.missing])
  }

  @Test("a text cut anywhere is cut into the same rows", arguments: 1...200)
  func cutAnywhere(seed: UInt64) throws {
    var random = Seeded(seed)
    let parts = [
      "1", ",", "\"", "\n", "\r\n", "ü", "\"\"", "x,y\n", "\"a\nb\",", "longer text without end",
    ]
    let text = (0..<Int.random(in: 1...60, using: &random)).map { _ in random.pick(parts) }.joined()
    let whole = Array(text.utf8)
    func pieces(chunk: Int?) throws -> [String] {
      var cutter = CSVRecords(
        header: CSVHeader(names: ["a", "b"]), delimiter: UInt8(ascii: ","), timeColumn: 0,
        time: TimeReader(format: .epochSeconds, zone: .utc), fields: [])
      var found: [String] = []
      var start = 0
      var end = min(chunk ?? whole.count, whole.count)
      while start < whole.count {
        let bytes = Array(whole[start..<end]) + [UInt8](repeating: 34, count: 8)
        let consumed = try bytes.withUnsafeBytes { raw in
          let part = UnsafeRawBufferPointer(rebasing: raw.dropLast(8))
          var pieces: [Piece] = []
          let consumed = try cutter.cut(part, isLast: end == whole.count, into: &pieces)
          found += pieces.map {
            "\($0.flaw?.rawValue ?? "") \(String(decoding: part[$0.start..<$0.end], as: UTF8.self))"
          }
          return consumed
        }
        start += consumed
        end = min(end + (chunk ?? 0), whole.count)
      }
      return found
    }
    let expected = try pieces(chunk: nil)
    for chunk in [1, 2, 3, 7, 16] {
      #expect(try pieces(chunk: chunk) == expected, "seed \(seed), chunk \(chunk)")
    }
  }
}
