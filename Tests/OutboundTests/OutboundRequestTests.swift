import HTTP
import Testing

@testable import Outbound

@Suite("OutboundRequest", .timeLimit(.minutes(1)))
struct OutboundRequestTests {
  @Test(
    "a header that could break the message or change its receiver is refused",
    arguments: [
      ["X": "a\r\nY: b"], ["X": "a\nb"], ["X": "a\0b"], ["A B": "c"], ["": "c"], ["A:": "c"],
      ["Host": "elsewhere"], ["content-length": "5"], ["Transfer-Encoding": "chunked"],
      ["Connection": "close"],
    ] as [HeaderFields])
  func headers(_ headers: HeaderFields) throws {
    let request = OutboundRequest(.get, try URLReference("http://h/"), headers: headers)
    #expect(throws: OutboundError.self) { try request.validate() }
  }

  @Test("a limit of zero is refused")
  func limits() throws {
    var request = OutboundRequest(.get, try URLReference("http://h/"))
    try request.validate()
    request.limits.idle = .zero
    #expect(throws: OutboundError.self) { try request.validate() }
    request.limits.idle = .seconds(1)
    request.limits.wireBytes = 0
    #expect(throws: OutboundError.self) { try request.validate() }
  }

  @Test("an empty header is sent, and what libcurl would add by itself is not")
  func lines() async throws {
    let server = try Server { request in
      .text(200, request.headers.fields.map { "\($0.name)=\($0.value)" }.joined(separator: ";"))
    }
    let client = try HTTPClient()
    let body = [UInt8](repeating: 0, count: 2_000_000)
    let response = try await client.send(
      OutboundRequest(.post, try url(server.port), headers: ["X-Empty": ""], body: body))
    #expect(
      String(decoding: response.body, as: UTF8.self)
        == "Host=127.0.0.1:\(server.port);User-Agent=backfill;Accept=*/*;"
        + "X-Empty=;Accept-Encoding=gzip;Content-Length=2000000")
  }
}
