import Glibc
import Testing

@testable import HTTP

private func get(_ path: String, close: Bool = true) -> String {
  "GET \(path) HTTP/1.1\r\nHost: h\r\n\(close ? "Connection: close\r\n" : "")\r\n"
}

private func post(_ body: String, extra: String = "") -> String {
  "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.utf8.count)\r\n\(extra)\r\n\(body)"
}

/// Echoes bodies, of at most 100 bytes.
@Sendable private func echo(_ request: Request) async throws(RequestFault) -> Response {
  Response(200, body: .bytes(try await request.body(upTo: 100)))
}

/// What a server with a configuration answers to a text before it closes.
private func answer(
  to text: String, _ configuration: ServerConfiguration = ServerConfiguration(),
  respond: @escaping Router.Handler = echo
) async throws -> String {
  let server = try Server(configuration, respond: respond)
  let client = try RawClient(port: server.port)
  try await client.send(text)
  return try await client.rest()
}

@Suite("Server", .timeLimit(.minutes(1)))
struct ServerTests {
  @Test("a request is answered with status, headers and body")
  func answers() async throws {
    let text = try await answer(to: get("/")) { request in
      Response(201, headers: ["X-Path": request.target.text], body: .bytes(Array("done".utf8)))
    }
    #expect(
      text
        == "HTTP/1.1 201 Created\r\nX-Path: /\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndone"
    )
  }

  @Test("a connection serves one request after the other, sent at once or not")
  func keepsAlive() async throws {
    let server = try Server(respond: echo)
    let client = try RawClient(port: server.port)
    try await client.send(post("one") + post("two"))
    #expect(try await client.read(until: "two").contains("one"))
    try await client.send(post("three", extra: "Connection: close\r\n"))
    #expect(try await client.rest().hasSuffix("three"))
  }

  @Test("a body is read when the handler asks for it, counted or chunked, in any pieces")
  func bodies() async throws {
    #expect(try await answer(to: post("hello", extra: "Connection: close\r\n")).hasSuffix("hello"))
    let server = try Server(respond: echo)
    let client = try RawClient(port: server.port)
    try await client.send(
      "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe"
    )
    try await client.send("llo\r\n2\r\n!!\r")
    try await client.send("\n0\r\n\r\n")
    #expect(try await client.rest().hasSuffix("\r\n\r\nhello!!"))
  }

  @Test("a body beyond the handler's bound is refused, whether its length was declared or not")
  func largeBodies() async throws {
    let declared = try await answer(to: post(String(repeating: "x", count: 101)))
    #expect(declared.hasPrefix("HTTP/1.1 413 "))
    let chunk = "65\r\n\(String(repeating: "x", count: 101))\r\n0\r\n\r\n"
    let chunked = try await answer(
      to: "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)")
    #expect(chunked.hasPrefix("HTTP/1.1 413 "))
    #expect(chunked.contains("Connection: close"))
  }

  @Test("a body that nobody asks for is read over when it is there, else the connection is closed")
  func unwantedBodies() async throws {
    let server = try Server { _ in Response(200, body: .bytes(Array("ok".utf8))) }
    let client = try RawClient(port: server.port)
    try await client.send(post("small") + get("/"))
    let both = try await client.rest()
    #expect(both.components(of: "HTTP/1.1 200 OK") == 2)
    let missing = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 50\r\n\r\n"
    #expect(try await answer(to: missing) { _ in Response(200) }.contains("Connection: close"))
  }

  @Test("a sender that waits to be asked for its body is asked, unless the body is not wanted")
  func expectations() async throws {
    let head = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
    let server = try Server(respond: echo)
    let client = try RawClient(port: server.port)
    try await client.send(head + "Connection: close\r\n\r\n")
    #expect(try await client.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
    try await client.send("ok")
    #expect(try await client.rest().hasSuffix("\r\n\r\nok"))
    let refused = try await answer(to: head + "\r\n") { _ in Response(403) }
    #expect(refused.hasPrefix("HTTP/1.1 403 "))
    #expect(refused.contains("Connection: close"))
  }

  @Test("what cannot be framed is answered with its status, and the connection is closed")
  func faults() async throws {
    let text = try await answer(to: "GET / HTTP/1.1\r\n\r\n" + get("/secret"))
    #expect(text.hasPrefix("HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json"))
    #expect(text.components(of: "HTTP/1.1") == 1)
  }

  @Test("HEAD is answered with the length of the body, and no body")
  func headRequests() async throws {
    let text = try await answer(to: "HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n") {
      _ in
      Response(200, body: .bytes(Array("four".utf8)))
    }
    #expect(text.contains("Content-Length: 4\r\n"))
    #expect(text.hasSuffix("\r\n\r\n"))
  }

  @Test("a stream is sent in chunks, by its length, or until the end for HTTP/1.0")
  func streams() async throws {
    let produce: @Sendable (BodyWriter) async throws -> Void = { writer in
      try await writer.write(Array("one,".utf8))
      try await writer.write([])
      try await writer.write(Array("two".utf8))
    }
    let chunked = try await answer(to: get("/")) { _ in
      Response(200, body: .stream(length: nil, produce))
    }
    #expect(chunked.hasSuffix("\r\n\r\n4\r\none,\r\n3\r\ntwo\r\n0\r\n\r\n"))
    let counted = try await answer(to: get("/")) { _ in
      Response(200, body: .stream(length: 7, produce))
    }
    #expect(counted.hasSuffix("Content-Length: 7\r\nConnection: close\r\n\r\none,two"))
    let old = try await answer(to: "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n") { _ in
      Response(200, body: .stream(length: nil, produce))
    }
    #expect(old.hasSuffix("Connection: close\r\n\r\none,two"))
  }

  @Test("a stream that fails, or breaks its length, is cut off where the reader can see it")
  func brokenStreams() async throws {
    let failing = try await answer(to: get("/")) { _ in
      Response(
        200,
        body: .stream(length: nil) { writer in
          try await writer.write(Array("part".utf8))
          throw ConnectionClosed()
        })
    }
    #expect(failing.hasSuffix("4\r\npart\r\n"))
    for text in ["short", "much too long"] {
      let wrong = try await answer(to: get("/")) { _ in
        Response(200, body: .stream(length: 8) { try await $0.write(Array(text.utf8)) })
      }
      #expect(wrong.hasSuffix(text.count < 8 ? "\r\n\r\nshort" : "\r\n\r\n"))
    }
  }

  @Test("a writer is told when its reader is gone")
  func lostReader() async throws {
    let (outcomes, report) = AsyncStream.makeStream(of: Bool.self)
    let server = try Server { _ in
      Response(
        200,
        body: .stream(length: nil) { writer in
          defer { report.yield(true) }
          while true { try await writer.write([UInt8](repeating: 0, count: 100_000)) }
        })
    }
    var client: RawClient? = try RawClient(port: server.port)
    try await client?.send(get("/"))
    _ = try await client?.read(until: "\r\n\r\n")
    client = nil
    var iterator = outcomes.makeAsyncIterator()
    #expect(await iterator.next() == true)
  }

  @Test("a handler is cancelled when its reader hangs up")
  func hangUp() async throws {
    let (events, report) = AsyncStream.makeStream(of: String.self)
    let server = try Server { _ in
      report.yield("begun")
      await withTaskCancellationHandler {
        for await _ in AsyncStream<Never>.makeStream().stream {}
      } onCancel: {
        report.yield("cancelled")
      }
      return Response(200)
    }
    var iterator = events.makeAsyncIterator()
    var client: RawClient? = try RawClient(port: server.port)
    try await client?.send(get("/"))
    #expect(await iterator.next() == "begun")
    client = nil
    #expect(await iterator.next() == "cancelled")
  }

  @Test("a head or a body that does not come in time is answered with 408")
  func deadlines() async throws {
    var configuration = ServerConfiguration()
    configuration.headDeadline = .milliseconds(50)
    configuration.bodyDeadline = .milliseconds(50)
    #expect(try await answer(to: "GET / HT", configuration).hasPrefix("HTTP/1.1 408 "))
    let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhel"
    #expect(try await answer(to: head, configuration).hasPrefix("HTTP/1.1 408 "))
  }

  @Test("a connection on which nothing comes is closed without a word")
  func idle() async throws {
    var configuration = ServerConfiguration()
    configuration.headDeadline = .milliseconds(50)
    configuration.idleDeadline = .milliseconds(50)
    #expect(try await answer(to: "", configuration) == "")
    let served = try await answer(to: get("/", close: false), configuration)
    #expect(served.components(of: "HTTP/1.1 200 OK") == 1)
  }

  @Test("a writer waits for its reader, and a reader that takes nothing is given up")
  func stuckReader() async throws {
    var configuration = ServerConfiguration()
    configuration.writeDeadline = .milliseconds(200)
    let (outcomes, report) = AsyncStream.makeStream(of: Int.self)
    let piece = [UInt8](repeating: 0, count: 1 << 20)
    let server = try Server(configuration) { _ in
      Response(
        200,
        body: .stream(length: 500 << 20) { writer in
          var written = 0
          defer { report.yield(written) }
          for _ in 0..<500 {
            try await writer.write(piece)
            written += 1
          }
        })
    }
    let client = try RawClient(port: server.port)
    try await client.send(get("/"))
    var iterator = outcomes.makeAsyncIterator()
    // The system's own buffers take a few megabytes; beyond them the writer must wait.
    #expect(try #require(await iterator.next()) < 50)
    withExtendedLifetime(client) {}
  }

  @Test("connections beyond the cap are told 503, of all peers or of one")
  func caps() async throws {
    for isPerPeer in [false, true] {
      var configuration = ServerConfiguration()
      if isPerPeer {
        configuration.connectionsPerPeer = 1
      } else {
        configuration.connections = 1
      }
      let server = try Server(configuration, respond: echo)
      let first = try RawClient(port: server.port)
      try await first.send(get("/", close: false))
      _ = try await first.read(until: "\r\n\r\n")
      let second = try RawClient(port: server.port)
      #expect(try await second.rest().hasPrefix("HTTP/1.1 503 "))
      withExtendedLifetime(first) {}
    }
  }

  @Test("a connection is closed after its share of requests")
  func requestCap() async throws {
    var configuration = ServerConfiguration()
    configuration.requestsPerConnection = 2
    let requests = String(repeating: get("/", close: false), count: 3)
    let text = try await answer(to: requests, configuration)
    #expect(text.components(of: "HTTP/1.1 200 OK") == 2)
  }

  @Test("five hundred connections are served at once")
  func manyConnections() async throws {
    let gate = AsyncStream.makeStream(of: Void.self)
    let (arrivals, arrive) = AsyncStream.makeStream(of: Void.self)
    let opening = Task { for await _ in gate.stream {} }
    let server = try Server { _ in
      arrive.yield()
      await opening.value
      return Response(200, body: .bytes(Array("served".utf8)))
    }
    var clients: [RawClient] = []
    for _ in 0..<500 {
      let client = try RawClient(port: server.port)
      try await client.send(get("/"))
      clients.append(client)
    }
    var iterator = arrivals.makeAsyncIterator()
    for _ in 0..<500 { _ = await iterator.next() }
    gate.continuation.finish()
    for client in clients { #expect(try await client.rest().hasSuffix("served")) }
  }

  @Test("stopping lets requests under way finish, takes no new ones, and says when it is done")
  func gracefulStop() async throws {
    let gate = AsyncStream.makeStream(of: Void.self)
    let (arrivals, arrive) = AsyncStream.makeStream(of: Void.self)
    let opening = Task { for await _ in gate.stream {} }
    let server = try Server { _ in
      arrive.yield()
      await opening.value
      return Response(200, body: .bytes(Array("finished".utf8)))
    }
    let idle = try RawClient(port: server.port)
    let busy = try RawClient(port: server.port)
    try await busy.send(get("/", close: false))
    var iterator = arrivals.makeAsyncIterator()
    _ = await iterator.next()
    async let stopped: Void = server.stop()
    #expect(try await idle.rest() == "")
    #expect(throws: SocketError.self) { try RawClient(port: server.port) }
    gate.continuation.finish()
    let text = try await busy.rest()
    #expect(text.hasSuffix("finished"))
    #expect(text.contains("Connection: close"))
    await stopped
    await server.stop()
  }

  @Test("stopping gives up on requests that do not finish in time")
  func impatientStop() async throws {
    let (arrivals, arrive) = AsyncStream.makeStream(of: Void.self)
    let server = try Server { _ in
      arrive.yield()
      for await _ in AsyncStream<Never>.makeStream().stream {}
      return Response(200)
    }
    let client = try RawClient(port: server.port)
    try await client.send(get("/"))
    var iterator = arrivals.makeAsyncIterator()
    _ = await iterator.next()
    await server.stop(within: .milliseconds(20))
    #expect(try await client.rest() == "")
  }

  @Test("a socket in the file system serves, replaces a dead one and is removed at the end")
  func unixSocket() async throws {
    let path = "/tmp/http-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
    var configuration = ServerConfiguration()
    configuration.address = .unix(path: path)
    let server = try Server(configuration, respond: echo)
    #expect(throws: ServerError.self) { try Server(configuration, respond: echo) }
    let client = try RawClient(path: path)
    try await client.send(post("hello", extra: "Connection: close\r\n"))
    #expect(try await client.rest().hasSuffix("hello"))
    await server.stop()
    #expect(access(path, F_OK) != 0)
    try bindAndAbandon(path)
    let again = try Server(configuration, respond: echo)
    await again.stop()
  }

  @Test("an address that is none, or taken, is told in one sentence")
  func badAddresses() throws {
    var configuration = ServerConfiguration()
    configuration.address = .tcp(host: "localhost", port: 0)
    #expect(throws: ServerError.self) { try Server(configuration, respond: echo) }
    let server = try Server(respond: echo)
    configuration.address = .tcp(host: "127.0.0.1", port: server.port)
    #expect(throws: ServerError.self) { try Server(configuration, respond: echo) }
    configuration.address = .unix(path: "/tmp/" + String(repeating: "x", count: 120))
    #expect(throws: ServerError.self) { try Server(configuration, respond: echo) }
  }

  @Test("a header of the handler that would break the message becomes 500")
  func badHeaders() async throws {
    for headers in [["X": "a\r\nY: b"], ["Content-Length": "5"], ["A B": "c"]] as [Headers] {
      let text = try await answer(to: get("/")) { _ in Response(200, headers: headers) }
      #expect(text.hasPrefix("HTTP/1.1 500 "))
    }
  }
}

private func bindAndAbandon(_ path: String) throws {
  let abandoned = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  let code = withUnsafePointer(to: address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(abandoned, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  guard code == 0 else { throw SocketError(code: errno) }
  close(abandoned)
}

extension String {
  /// How often a text stands in this one.
  fileprivate func components(of text: String) -> Int {
    var count = 0
    var rest = self[...]
    while let range = rest.firstRange(of: text) {
      count += 1
      rest = rest[range.upperBound...]
    }
    return count
  }
}
