import Connectors
import Domain
import HTTP
import JSON
import Testing

struct RestPaginationTests {
  private func ids(_ pages: [Page]) -> [String?] { pages.flatMap { $0.field(0) } }

  private let all = (0..<25).map { Optional("r\($0)") }

  /// The records of a page of ten out of twenty-five.
  private static func slice(from start: Int) -> String { records(start..<min(start + 10, 25)) }

  @Test("a URL in the answer leads to the next page, absolute or relative")
  func nextURL() async throws {
    let fake = try FakeAPI { asked in
      let at = asked.target.value("at") ?? "0"
      let host = asked.headers["Host"] ?? ""
      let next = ["0": "\"http://\(host)/orders?at=10\"", "10": "\"?at=20\""][at] ?? "null"
      return .json(#"{"data":\#(Self.slice(from: Int(at) ?? 0)),"links":{"next":\#(next)}}"#)
    }
    let source = try api(fake.address, pagination: #"{type: "next_url", path: "links.next"}"#)
    let pages = try await connector(source, try factory())
      .pages(thousandSeconds, fields: idAndTime)
    #expect(ids(pages) == all)
    #expect(pages.map(\.requests) == [1, 1, 1])
    #expect(await fake.asked.first?.target.text == "/orders?at%5Bgte%5D=0&at%5Blt%5D=1000")
  }

  @Test("a Link header leads to the next page")
  func linkHeader() async throws {
    let fake = try FakeAPI { asked in
      let at = Int(asked.target.value("p") ?? "") ?? 0
      let host = asked.headers["Host"] ?? ""
      let links =
        "<http://\(host)/orders?p=0>; rel=\"first\", <http://\(host)/orders?p=\(at + 10)>; rel=\"next\""
      return .json(
        "{\"data\":\(Self.slice(from: at))}", headers: at < 20 ? ["Link": links] : [:])
    }
    let source = try api(fake.address, pagination: #"{type: "link_header"}"#)
    let pages = try await connector(source, try factory())
      .pages(thousandSeconds, fields: idAndTime)
    #expect(ids(pages) == all)
  }

  @Test("a cursor in the answer is sent with the next request, and with it the window again")
  func cursor() async throws {
    let fake = try FakeAPI { asked in
      let at = Int(asked.target.value("after")?.dropFirst(2) ?? "") ?? 0
      return .json(
        #"{"data":\#(Self.slice(from: at)),"page":{"after":\#(at < 20 ? "\"c \(at + 10)\"" : "\"\"")}}"#
      )
    }
    let source = try api(
      fake.address,
      pagination:
        #"{type: "cursor", path: "page.after", parameter: "after", size: 10, size_parameter: "limit"}"#
    )
    let pages = try await connector(source, try factory())
      .pages(thousandSeconds, fields: idAndTime)
    #expect(ids(pages) == all)
    #expect(
      await fake.asked.last?.target.text
        == "/orders?at%5Bgte%5D=0&at%5Blt%5D=1000&limit=10&after=c%2020")
  }

  @Test("the id of the last record is sent with the next request, until there is no more")
  func lastID() async throws {
    let fake = try FakeAPI { asked in
      let last = Int(asked.target.value("starting_after")?.dropFirst() ?? "") ?? -1
      return .json(
        #"{"data":\#(Self.slice(from: last + 1)),"has_more":\#(last < 19)}"#)
    }
    let source = try api(
      fake.address,
      pagination: #"{type: "last_id", path: "id", parameter: "starting_after"}"#,
      stream: #"has_more: "has_more""#)
    let pages = try await connector(source, try factory())
      .pages(thousandSeconds, fields: idAndTime)
    #expect(ids(pages) == all)
    #expect(pages.count == 3)
    #expect(await fake.asked.map { $0.target.value("starting_after") } == [nil, "r9", "r19"])
  }

  @Test("the id of the last record need not be among the fields that are wanted")
  func lastIDAlone() async throws {
    let fake = try FakeAPI { asked in
      let last = Int(asked.target.value("after")?.dropFirst() ?? "") ?? -1
      return .json(#"{"data":\#(Self.slice(from: last + 1))}"#)
    }
    let source = try api(
      fake.address, pagination: #"{type: "last_id", path: "id", parameter: "after"}"#)
    let pages = try await connector(source, try factory())
      .pages(thousandSeconds, fields: [JSONPath("at")])
    #expect(pages.flatMap { $0.field(0) } == (0..<25).map { "\($0)" })
    #expect(pages.map { $0.scan.records.count } == [10, 10, 5, 0])
  }

  @Test("pages are counted until one is empty: a short page may have been cut by the source")
  func numbers() async throws {
    let fake = try FakeAPI { asked in
      // Asked for twenty, it gives ten, as sources do that know better.
      let page = Int(asked.target.value("page") ?? "") ?? -1
      return .json(#"{"data":\#(page < 4 ? Self.slice(from: (page - 1) * 10) : "[]")}"#)
    }
    let source = try api(
      fake.address,
      pagination: #"{type: "page", parameter: "page", size: 20, size_parameter: "per_page"}"#)
    let pages = try await connector(source, try factory())
      .pages(thousandSeconds, fields: idAndTime)
    #expect(ids(pages) == all)
    #expect(await fake.asked.map { $0.target.value("page") } == ["1", "2", "3", "4"])
    #expect(await fake.asked.first?.target.value("per_page") == "20")
  }

  @Test("offsets are counted by the records that came, not by those asked for")
  func offsets() async throws {
    let fake = try FakeAPI { asked in
      let offset = Int(asked.target.value("offset") ?? "") ?? -1
      return .json(#"{"data":\#(offset < 25 ? Self.slice(from: offset) : "[]")}"#)
    }
    let source = try api(
      fake.address, pagination: #"{type: "offset", parameter: "offset", size: 50}"#)
    let pages = try await connector(source, try factory())
      .pages(thousandSeconds, fields: idAndTime)
    #expect(ids(pages) == all)
    #expect(await fake.asked.map { $0.target.value("offset") } == ["0", "10", "20", "25"])
  }

  @Test("a body takes window, cursor and page size; what has no value yet is left out")
  func body() async throws {
    let fake = try FakeAPI { asked in
      let isFirst = !asked.body.contains("after")
      return .json(
        #"{"data":\#(Self.slice(from: isFirst ? 0 : 20)),"next":\#(isFirst ? "\"n1\"" : "null")}"#)
    }
    let source = try api(
      fake.address, pagination: #"{type: "cursor", path: "next", size: 7}"#,
      stream: """
        method: "POST", body: {limit: "{page_size}", after: "{cursor}", flag: true,
          filters: [{op: "GTE", value: "{window.from}"}, {op: "LT", value: "{window.to}"}]}
        """)
    let pages = try await connector(source, try factory())
      .pages(thousandSeconds, fields: idAndTime)
    #expect(pages.count == 2)
    let bodies = await fake.asked.map(\.body)
    let filters = #""filters":[{"op":"GTE","value":"0"},{"op":"LT","value":"1000"}]"#
    #expect(
      bodies == [
        #"{"limit":"7","flag":true,\#(filters)}"#,
        #"{"limit":"7","after":"n1","flag":true,\#(filters)}"#,
      ])
    #expect(await fake.asked.map(\.method) == [.post, .post])
  }

  @Test("another attempt goes on from the cursor of the last page")
  func resuming() async throws {
    let fake = try FakeAPI { asked in
      let at = Int(asked.target.value("at") ?? "") ?? 0
      return .json(
        #"{"data":\#(Self.slice(from: at)),"next":\#(at < 20 ? "\"/orders?at=\(at + 10)\"" : "null")}"#
      )
    }
    let source = try api(fake.address, pagination: #"{type: "next_url", path: "next"}"#)
    let first = try await connector(source, try factory()).page(
      PageRequest(window: thousandSeconds, cursor: nil, fields: idAndTime))
    let second = try await connector(source, try factory()).page(
      PageRequest(window: thousandSeconds, cursor: first.next, fields: idAndTime))
    #expect(second.field(0).first == "r10")
    #expect(second.next != nil)
  }
}
