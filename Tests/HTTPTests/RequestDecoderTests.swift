import Testing

@testable import HTTP

/// The events of a text, which is fed in one piece; pieces of one body are joined.
func decode(_ text: String, limits: RequestLimits = RequestLimits()) -> [RequestDecoder.Event] {
  decode([Array(text.utf8)], limits: limits)
}

func decode(_ pieces: [[UInt8]], limits: RequestLimits = RequestLimits())
  -> [RequestDecoder.Event]
{
  var decoder = RequestDecoder(limits: limits)
  var events: [RequestDecoder.Event] = []
  for piece in pieces {
    piece.withUnsafeBytes { decoder.append($0) }
    while let event = decoder.next() {
      if case .body(let more) = event, case .body(let before)? = events.last {
        events[events.count - 1] = .body(before + more)
      } else {
        events.append(event)
      }
    }
  }
  return events
}

private func status(_ text: String, limits: RequestLimits = RequestLimits()) -> Int? {
  guard case .fault(let fault)? = decode(text, limits: limits).last else { return nil }
  return fault.status
}

private func head(_ text: String) throws -> RequestHead {
  guard case .head(let head)? = decode(text).first else {
    Issue.record("no head in \(decode(text))")
    throw RequestFault(0, "no head")
  }
  return head
}

@Suite("RequestDecoder")
struct RequestDecoderTests {
  @Test("a request without a body is a head and an end")
  func withoutBody() throws {
    let text = "GET /v1/orders?limit=10&note=a+b%26c HTTP/1.1\r\nHost: shop\r\nX-One:  two \r\n\r\n"
    let head = try head(text)
    #expect(head.method == .get)
    #expect(head.target.segments == ["v1", "orders"])
    #expect(head.target.value("limit") == "10")
    #expect(head.target.value("note") == "a b&c")
    #expect(head.headers["x-one"] == "two")
    #expect(head.keepsAlive)
    #expect(decode(text) == [.head(head), .end])
  }

  @Test("a counted body ends where its length says, and the next request begins there")
  func countedBody() throws {
    let first = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
    let second = "GET /b HTTP/1.1\r\nHost: h\r\n\r\n"
    #expect(
      decode(first + second) == [
        .head(try head(first)), .body(Array("hello".utf8)), .end, .head(try head(second)), .end,
      ])
  }

  @Test("a chunked body is joined, its extensions and trailers read over")
  func chunkedBody() throws {
    let text = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    let body = "5\r\nhello\r\nA;name=value\r\n, chunked \r\n0\r\nX-Sum: 1\r\n\r\n"
    #expect(
      decode(text + body) == [.head(try head(text)), .body(Array("hello, chunked ".utf8)), .end])
  }

  @Test(
    "what two programs could frame in two ways is refused",
    arguments: [
      ("two lengths", "Content-Length: 5\r\nContent-Length: 5\r\n", 400),
      ("two different lengths", "Content-Length: 5\r\nContent-Length: 6\r\n", 400),
      ("a list of lengths", "Content-Length: 5, 5\r\n", 400),
      ("a signed length", "Content-Length: +5\r\n", 400),
      ("a negative length", "Content-Length: -1\r\n", 400),
      ("a hexadecimal length", "Content-Length: 0x5\r\n", 400),
      ("a length with a leading zero", "Content-Length: 05\r\n", 400),
      ("an empty length", "Content-Length:\r\n", 400),
      ("a length beyond 64 bits", "Content-Length: 99999999999999999999\r\n", 400),
      ("a length with a blank inside", "Content-Length: 5 5\r\n", 400),
      ("length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400),
      ("chunks and length", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400),
      ("two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400),
      ("an unknown coding", "Transfer-Encoding: xchunked\r\n", 501),
      ("a coding before chunks", "Transfer-Encoding: gzip, chunked\r\n", 501),
      ("the coding identity", "Transfer-Encoding: identity\r\n", 501),
      ("two hosts", "Host: other\r\n", 400),
      ("two authorizations", "Authorization: a\r\nAuthorization: b\r\n", 400),
      ("two content types", "Content-Type: a\r\nContent-Type: b\r\n", 400),
      ("a blank before the colon", "X-A : b\r\n", 400),
      ("a folded header", "X-A: b\r\n c\r\n", 400),
      ("a header folded by a tab", "X-A: b\r\n\tc\r\n", 400),
      ("a first header that begins with a blank", " X-A: b\r\n", 400),
      ("an empty name", ": b\r\n", 400),
      ("a header without a colon", "X-A\r\n", 400),
      ("a name that is no token", "X(A): b\r\n", 400),
      ("a name beyond ASCII", "X-Ä: b\r\n", 400),
      ("a bare CR in a value", "X-A: b\rc\r\n", 400),
      ("a bare LF after a value", "X-A: b\nX-B: c\r\n", 400),
      ("NUL in a value", "X-A: b\0c\r\n", 400),
      ("DEL in a value", "X-A: b\u{7F}\r\n", 400),
      ("an unknown expectation", "Expect: the-unexpected\r\n", 417),
    ])
  func ambiguousHeaders(_ name: String, _ headers: String, _ expected: Int) {
    #expect(status("POST / HTTP/1.1\r\nHost: h\r\n\(headers)\r\n") == expected, "\(name)")
  }

  @Test(
    "a request line that is not one is refused",
    arguments: [
      ("", 400), ("GET", 400), ("GET /", 400), ("GET  / HTTP/1.1", 400), ("GET /  HTTP/1.1", 400),
      (" GET / HTTP/1.1", 400), ("GET / HTTP/1.1 ", 400), ("GET\t/ HTTP/1.1", 400),
      ("G@T / HTTP/1.1", 400), ("GET / http/1.1", 400), ("GET / HTTP/1.10", 400),
      ("GET / HTTP/11", 400), ("GET / HTTP/2.0", 505), ("GET / HTTP/1.2", 505),
      ("GET http://h/ HTTP/1.1", 400), ("OPTIONS * HTTP/1.1", 400), ("CONNECT h:1 HTTP/1.1", 400),
      ("GET /a b HTTP/1.1", 400), ("GET /%00 HTTP/1.1", 400), ("GET /?a=%00 HTTP/1.1", 400),
      ("GET /%2f HTTP/1.1", 400), ("GET /%2F HTTP/1.1", 400), ("GET /%5c HTTP/1.1", 400),
      ("GET /../a HTTP/1.1", 400), ("GET /a/.. HTTP/1.1", 400), ("GET /%2e%2e/a HTTP/1.1", 400),
      ("GET /./a HTTP/1.1", 400), ("GET /%zz HTTP/1.1", 400), ("GET /%2 HTTP/1.1", 400),
      ("GET /% HTTP/1.1", 400), ("GET /%ff HTTP/1.1", 400), ("GET /%0a HTTP/1.1", 400),
      ("GET /a\\b HTTP/1.1", 400), ("GET /a#b HTTP/1.1", 400), ("GET /ä HTTP/1.1", 400),
      ("GET /\u{1} HTTP/1.1", 400), ("GET /\0 HTTP/1.1", 400),
    ])
  func badRequestLine(_ line: String, _ expected: Int) {
    #expect(status("\(line)\r\nHost: h\r\n\r\n") == expected, "\(line)")
  }

  @Test("a line that ends in LF alone is refused wherever it stands")
  func bareLineFeed() {
    #expect(status("GET / HTTP/1.1\nHost: h\r\n\r\n") == 400)
    #expect(status("GET / HTTP/1.1\r\nHost: h\n\r\n") == 400)
    #expect(status("GET / HTTP/1.1\r\nHost: h\r\n\n") == 400)
  }

  @Test(
    "the host is one host, and stands in every request of HTTP/1.1",
    arguments: [
      ("", 400), ("Host:\r\n", 400), ("Host: a b\r\n", 400), ("Host: a,b\r\n", 400),
      ("Host: user@h\r\n", 400), ("Host: h/path\r\n", 400),
    ])
  func badHost(_ header: String, _ expected: Int) {
    #expect(status("GET / HTTP/1.1\r\n\(header)\r\n") == expected)
  }

  @Test(
    "a broken chunk is refused",
    arguments: [
      "0x5\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n", "-5\r\nhello\r\n", " 5\r\nhello\r\n",
      "5 \r\nhello\r\n", "\r\nhello\r\n", "g\r\n", "5\nhello\r\n", "5\r\nhelloo\r\n",
      "5\r\nhello\n0\r\n\r\n", "5;a\nb\r\nhello\r\n", "5;a\rb\r\nhello\r\n", "5,a\r\nhello\r\n",
      "ffffffffffffffffff\r\n", "0\r\nX : y\r\n\r\n", "0\r\n folded\r\n\r\n", "0\r\nX: y\n\r\n",
    ])
  func badChunk(_ body: String) {
    let head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    #expect(status(head + body) == 400)
  }

  @Test("HTTP/1.0 needs no host, knows no chunks and keeps a connection only when asked")
  func oldVersion() throws {
    #expect(try head("GET / HTTP/1.0\r\n\r\n").keepsAlive == false)
    #expect(try head("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keepsAlive)
    #expect(status("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 400)
  }

  @Test("Connection: close is understood in any list and case")
  func closes() throws {
    #expect(
      try head("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, CLOSE\r\n\r\n").keepsAlive == false)
  }

  @Test("heads and targets are bounded, at the bound and one byte beyond")
  func bounds() throws {
    func request(target: Int) -> String {
      "GET /\(String(repeating: "a", count: target - 1)) HTTP/1.1\r\nHost: h\r\n\r\n"
    }
    #expect(status(request(target: 8192)) == nil)
    #expect(status(request(target: 8193)) == 414)
    func request(head: Int) -> String {
      let start = "GET / HTTP/1.1\r\nHost: h\r\nX: "
      return start + String(repeating: "a", count: head - start.utf8.count - 4) + "\r\n\r\n"
    }
    #expect(status(request(head: 16384)) == nil)
    #expect(status(request(head: 16385)) == 431)
    func request(fields: Int) -> String {
      "GET / HTTP/1.1\r\nHost: h\r\n\(String(repeating: "X: y\r\n", count: fields - 1))\r\n"
    }
    #expect(status(request(fields: 100)) == nil)
    #expect(status(request(fields: 101)) == 431)
  }

  @Test("a line that never ends is refused once it is too long, not kept")
  func endlessLine() {
    #expect(status(String(repeating: "a", count: 9000)) == 414)
    #expect(status("GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 17000)) == 431)
    let chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    #expect(status(chunked + "5;" + String(repeating: "a", count: 5000)) == 400)
    let extensions = String(repeating: "1;aaaaaaaaaaaaaaaa\r\nx\r\n", count: 300)
    #expect(status(chunked + extensions) == 400)
    #expect(status(chunked + "0\r\n" + String(repeating: "X: y\r\n", count: 101)) == 431)
  }

  @Test("after a fault nothing more is understood")
  func silentAfterFault() {
    var decoder = RequestDecoder()
    Array("BAD\r\n".utf8).withUnsafeBytes { decoder.append($0) }
    guard case .fault? = decoder.next() else {
      Issue.record("no fault")
      return
    }
    Array("GET / HTTP/1.1\r\nHost: h\r\n\r\n".utf8).withUnsafeBytes { decoder.append($0) }
    #expect(decoder.next() == nil)
  }
}
