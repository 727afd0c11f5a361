import JSON
import Testing

@Suite struct RecordScannerNestedTests {
  private func scan(
    _ text: String, at records: String, fields: [String], envelope: [String] = []
  ) throws -> ScannedPage {
    try RecordScanner(
      records: JSONPath(records), envelope: envelope.map { JSONPath($0) },
      fields: fields.map { JSONPath($0) }
    ).document(text)
  }

  private func rows(_ page: ScannedPage, in text: String) -> [[String]] {
    page.records.indices.map { page.texts($0, in: text) }
  }

  @Test("a record may lie in each element of an array, as in the edges of a graph")
  func edges() throws {
    let text = """
      {"data":{"orders":{"edges":[{"cursor":"a","node":{"id":1,"cursor":"x"}},{"node":{"id":2}}],
      "pageInfo":{"hasNextPage":true,"endCursor":"b"}}}}
      """
    let page = try scan(
      text, at: "data.orders.edges[].node", fields: ["id", "cursor"],
      envelope: ["data.orders.pageInfo.endCursor"])
    #expect(rows(page, in: text) == [["1", "x"], ["2", "missing"]])
    #expect(page.record(0, in: text) == #"{"id":1,"cursor":"x"}"#)
    #expect(Array(text.utf8).withUnsafeBytes { page.envelope[0].text(in: $0) } == "b")
  }

  @Test("records may lie in an array of each element, which they see as their parent")
  func children() throws {
    let text = """
      [{"id":"o1","refunds":[{"id":"r1"},{"id":"r2","parent":{"id":"own"}}],"at":7},
       {"at":8,"id":"o2","refunds":[]},{"id":"o3","refunds":null},{"id":"o4"},
       {"id":"o5","refunds":[{"id":"r3"}]}]
      """
    let page = try scan(
      text, at: "[].refunds", fields: ["id", "parent.id", "parent.at", "parent.id"])
    #expect(
      rows(page, in: text) == [
        ["r1", "o1", "7", "o1"], ["r2", "o1", "7", "o1"], ["r3", "o5", "missing", "o5"],
      ])
  }

  @Test("arrays may lie in arrays; the nearest element around a record is its parent")
  func deeper() throws {
    let text =
      #"{"a":[{"n":1,"b":[{"n":2,"c":[{"n":3},{"n":4}]},{"n":5,"c":[{"n":6}]}]},{"b":[]}]}"#
    let page = try scan(text, at: "a[].b[].c", fields: ["n", "parent.n"])
    #expect(rows(page, in: text) == [["3", "2"], ["4", "2"], ["6", "5"]])
  }

  @Test("without an array on the way, parent is a field like any other")
  func noParent() throws {
    let text = #"{"d":[{"id":1,"parent":{"id":9}}]}"#
    #expect(rows(try scan(text, at: "d", fields: ["parent.id"]), in: text) == [["9"]])
    #expect(rows(try scan(text, at: "d[]", fields: ["parent.id"]), in: text) == [["9"]])
  }

  @Test("what is no object where a record or its element should be is a flawed record, not lost")
  func flawed() throws {
    let text = #"{"e":[null,{"node":{"id":1}},3,{"node":{"id":"\u0000"}},{"node":[{"id":4},5]}]}"#
    let page = try scan(text, at: "e[].node", fields: ["id"])
    #expect(
      page.records.map(\.flaw) == [
        .notAnObject, nil, .notAnObject, .nulCharacter, nil, .notAnObject,
      ])
  }

  @Test("an element that says twice where its records lie fails the page, two elements do not")
  func twice() throws {
    #expect(throws: JSONError.self) {
      try scan(#"{"e":[{"n":{"id":1},"n":{"id":2}}]}"#, at: "e[].n", fields: ["id"])
    }
    let text = #"{"e":[{"n":{"id":1}},{"n":{"id":2}}]}"#
    #expect(try scan(text, at: "e[].n", fields: ["id"]).records.count == 2)
  }

  @Test(
    "a place that is none for records is told",
    arguments: [#"{"e":{}}"#, #"{"e":[{"n":7}]}"#, #"{"x":[]}"#, #"{"e":[{"n":"a"}]}"#])
  func elsewhere(text: String) {
    let error = #expect(throws: JSONError.self) { try scan(text, at: "e[].n", fields: []) }
    #expect(error?.reason == .noRecords)
  }
}
