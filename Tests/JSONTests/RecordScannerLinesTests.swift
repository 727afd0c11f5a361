import JSON
import Testing

@Suite struct RecordScannerLinesTests {
  @Test("each line that is not blank is a record, whatever ends it")
  func lines() throws {
    let text = "{\"id\":1}\n\n  \t\r\n{\"id\":2}\r\n \t{\"id\":3} \n{\"id\":4}"
    let page = try RecordScanner.bare("id").lines(text)
    #expect(page.records.map(\.flaw) == [nil, nil, nil, nil])
    #expect((0..<4).map { page.texts($0, in: text) } == [["1"], ["2"], ["3"], ["4"]])
    #expect(page.record(1, in: text) == "{\"id\":2}")
    #expect(page.record(2, in: text) == "{\"id\":3}")
    #expect(page.envelope.isEmpty)
  }

  @Test("no bytes are no records")
  func empty() throws {
    for text in ["", "\n", " \r\n\n"] {
      #expect(try RecordScanner.bare("id").lines(text).records.isEmpty)
    }
    #expect(
      try RecordScanner.bare().scanLines(UnsafeRawBufferPointer(start: nil, count: 0)).records
        .isEmpty)
  }

  @Test(
    "a line that is not JSON is malformed, and the lines around it are not",
    arguments: [
      "{\"id\":", "{\"id\":1}}", "{\"id\":1} {\"id\":2}", "{\"id\":1},", "x", "{'id':1}", "\"", "}",
      "{\"id\":\"\t\"}", "\u{b}{}", "{\"id\":\"\\", "[1,", "nul", "-", "{\"id\":1 \u{0}}",
    ])
  func malformed(_ line: String) throws {
    let text = "{\"id\":\"before\"}\n \(line) \r\n{\"id\":\"after\"}\n"
    let page = try RecordScanner.bare("id").lines(text)
    #expect(page.records.map(\.flaw) == [nil, .malformed, nil])
    #expect(page.record(1, in: text) == line)
    #expect((0..<3).map { page.texts($0, in: text) } == [["before"], ["missing"], ["after"]])
  }

  @Test("a value does not go on in the next line")
  func lineBreaks() throws {
    let page = try RecordScanner.bare("id").lines("{\"id\":\n1}\n{\"id\":\"a\nb\"}")
    #expect(page.records.map(\.flaw) == [.malformed, .malformed, .malformed, .malformed])
  }

  @Test("flaws other than the grammar are told for lines as well")
  func flaws() throws {
    let page = try RecordScanner.bare("id").lines(
      "{\"a\":1,\"a\":2}\n[]\n{\"id\":\"\\u0000\"}\n{}\n")
    #expect(page.records.map(\.flaw) == [.duplicateKey, .notAnObject, .nulCharacter, nil])
  }

  @Test("a line that is given up leaves no keys behind")
  func keysForgotten() throws {
    let page = try RecordScanner.bare("id").lines(
      "{\"\\u0061\":{\"b\":1,\n{\"a\":{\"b\":1}}\n{\"b\":1}")
    #expect(page.records.map(\.flaw) == [.malformed, nil, nil])
  }

  @Test("a line that is given up in a large object leaves no keys behind")
  func tableForgotten() throws {
    let members = (0..<100).map { "\"key number \($0)\":1" }.joined(separator: ",")
    let page = try RecordScanner.bare().lines("{\(members),\n{\(members)}\n{\(members),\n")
    #expect(page.records.map(\.flaw) == [.malformed, nil, .malformed])
  }

  @Test("a byte order mark before a line is skipped")
  func byteOrderMark() throws {
    let page = try RecordScanner.bare().lines("\u{feff}{}\n\u{feff}{}\n\u{feff}")
    #expect(page.records.map(\.flaw) == [nil, nil])
  }

  @Test("lines cut anywhere differ from the whole in their last line only")
  func truncations() throws {
    let whole = Array("{\"id\":1,\"x\":[\"é\\u00e9\"]}\n{\"id\":2,\"y\":{\"z\":-1.5e3}}\n".utf8)
    let scanner = RecordScanner.bare("id", "y.z")
    let complete = try scanner.lines(whole)
    for length in 0...whole.count {
      let page = try scanner.lines(Array(whole[..<length]))
      let lineFeeds = whole[..<length].count { $0 == 0x0a }
      #expect(page.records.prefix(lineFeeds) == complete.records.prefix(lineFeeds))
      #expect(page.fields.prefix(lineFeeds * 2) == complete.fields.prefix(lineFeeds * 2))
      #expect(page.fields.count == page.records.count * 2)
    }
  }
}
