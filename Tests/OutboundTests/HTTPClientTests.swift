import HTTP
import Testing

@testable import Outbound

/// What a test needs of a server's address.
func url(_ port: UInt16, _ path: String = "/") throws -> URLReference {
  try URLReference("http://127.0.0.1:\(port)\(path)")
}

func failure(
  _ body: () async throws(OutboundError) -> OutboundResponse,
  _ location: SourceLocation = #_sourceLocation
) async -> OutboundError? {
  do {
    let response = try await body()
    Issue.record("answered \(response.status)", sourceLocation: location)
    return nil
  } catch {
    return error
  }
}

/// Never returns before the task is cancelled.
@Sendable func forever() async {
  for await _ in AsyncStream<Never>.makeStream().stream {}
}

@Suite("HTTPClient", .timeLimit(.minutes(1)))
struct HTTPClientTests {
  @Test("a request arrives as it was made, and its answer comes back whole")
  func roundTrip() async throws {
    let server = try Server { (request) throws(RequestFault) in
      let body = try await request.body()
      var headers = HTTP.Headers()
      headers.add("X-Twice", "one")
      headers.add("x-twice", "two")
      headers.add("X-Saw", "\(request.method.rawValue) \(request.target.text)")
      headers.add("X-Key", request.headers["X-Key"] ?? "-")
      headers.add("X-Type", request.headers["Content-Type"] ?? "-")
      return HTTP.Response(201, headers: headers, body: .bytes(body + body))
    }
    let client = try HTTPClient()
    let response = try await client.send(
      OutboundRequest(
        .post, try url(server.port, "/a?b=c"), headers: ["X-Key": "secret"], body: Array("ab".utf8))
    )
    #expect(response.status == 201)
    #expect(response.body == Array("abab".utf8))
    #expect(response.headers["X-SAW"] == "POST /a?b=c")
    #expect(response.headers["X-Key"] == "secret")
    #expect(response.headers["X-Type"] == "-")
    #expect(response.headers.all("X-Twice") == ["one", "two"])
    #expect(response.requests == 1)
    #expect(response.wireBytes == 4)
  }

  @Test("HEAD brings no body, an empty POST is sent, a GET may carry a body")
  func methods() async throws {
    let server = try Server { (request) throws(RequestFault) in
      .text(200, "\(request.method.rawValue) \(try await request.body().count)")
    }
    let client = try HTTPClient()
    #expect(try await client.send(OutboundRequest(.head, try url(server.port))).body == [])
    for (method, body, expected) in [
      (.post, nil, "POST 0"), (.post, [], "POST 0"), (.get, nil, "GET 0"), (.get, [1, 2], "GET 2"),
    ] as [(OutboundRequest.Method, [UInt8]?, String)] {
      let response = try await client.send(
        OutboundRequest(method, try url(server.port), body: body))
      #expect(String(decoding: response.body, as: UTF8.self) == expected)
    }
  }

  @Test("one connection serves one request after the other, and a large body comes whole")
  func keepsConnections() async throws {
    let connections = Log()
    let page = String(repeating: "x", count: 200_000)
    let server = try ScriptedServer { connection in
      connections.add("connection")
      while connection.head() != nil {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(page.utf8.count)\r\n\r\n\(page)")
      }
    }
    let client = try HTTPClient()
    for _ in 0..<5 {
      #expect(
        try await client.send(OutboundRequest(.get, try url(server.port))).body.count == 200_000)
    }
    #expect(connections.lines.count == 1)
  }

  @Test("many requests are under way at once")
  func concurrency() async throws {
    let (arrivals, arrive) = AsyncStream.makeStream(of: Void.self)
    let gate = AsyncStream.makeStream(of: Void.self)
    let opening = Task { for await _ in gate.stream {} }
    let server = try Server { request in
      arrive.yield()
      await opening.value
      return .text(200, request.target.text)
    }
    let client = try HTTPClient()
    try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
      for number in 0..<40 {
        let request = OutboundRequest(.get, try url(server.port, "/\(number)"))
        group.addTask { (number, try await client.send(request).body) }
      }
      var iterator = arrivals.makeAsyncIterator()
      for _ in 0..<40 { _ = await iterator.next() }
      gate.continuation.finish()
      for try await (number, body) in group { #expect(body == Array("/\(number)".utf8)) }
    }
  }

  @Test("cookies, credentials and interim answers are not remembered")
  func remembersNothing() async throws {
    let server = try Server { request in
      HTTP.Response(
        200, headers: ["Set-Cookie": "a=b", "X-Saw": request.headers["Cookie"] ?? "none"])
    }
    let client = try HTTPClient()
    for _ in 0..<2 {
      let response = try await client.send(OutboundRequest(.get, try url(server.port)))
      #expect(response.headers["X-Saw"] == "none")
    }
    let interim = try ScriptedServer { connection in
      while connection.head() != nil {
        connection.send("HTTP/1.1 103 Early Hints\r\nX: early\r\n\r\n")
        connection.send("HTTP/1.1 200 OK\r\nX: late\r\nContent-Length: 0\r\n\r\n")
      }
    }
    let response = try await client.send(OutboundRequest(.get, try url(interim.port)))
    #expect(response.status == 200)
    #expect(response.headers.all("X") == ["late"])
  }

  @Test("a body packed by gzip is unpacked, unless it was not asked for")
  func gzip() async throws {
    let packed: [UInt8] = [
      31, 139, 8, 0, 0, 0, 0, 0, 2, 255, 203, 72, 205, 201, 201, 215, 81, 40, 72, 76, 206, 78, 77,
      81, 40, 207, 47, 202, 73, 1, 0, 72, 239, 46, 204, 19, 0, 0, 0,
    ]
    let server = try Server { request in
      guard request.headers["Accept-Encoding"] == "gzip" else { return .text(200, "plain") }
      return HTTP.Response(200, headers: ["Content-Encoding": "gzip"], body: .bytes(packed))
    }
    let client = try HTTPClient()
    let unpacked = try await client.send(OutboundRequest(.get, try url(server.port)))
    #expect(unpacked.body == Array("hello, packed world".utf8))
    #expect(unpacked.wireBytes == packed.count)
    let plain = try await client.send(
      OutboundRequest(.get, try url(server.port), acceptsGzip: false))
    #expect(plain.body == Array("plain".utf8))
  }

  @Test("a kept connection that dies under a request is not tried again behind the caller's back")
  func noSilentResend() async throws {
    let log = Log()
    let server = try ScriptedServer { connection in
      while let head = connection.head() {
        log.add(head[0])
        if head[0].contains("/dies") { return }
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
      }
    }
    let client = try HTTPClient()
    for method in [OutboundRequest.Method.get, .post] {
      _ = try await client.send(OutboundRequest(method, try url(server.port, "/first")))
      let error = await failure { () async throws(OutboundError) in
        try await client.send(
          OutboundRequest(method, URLReference("http://127.0.0.1:\(server.port)/dies")))
      }
      #expect(error?.kind == .staleConnection)
      #expect(error?.requests == 1)
      #expect(error?.nothingWasSent == false)
      _ = try await client.send(OutboundRequest(method, try url(server.port, "/last")))
    }
    let paths = log.lines.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
    #expect(
      paths == ["GET /first", "GET /dies", "GET /last", "POST /first", "POST /dies", "POST /last"])
  }

  @Test("cancelling the task ends the transfer at once, also before it began")
  func cancellation() async throws {
    let (events, report) = AsyncStream.makeStream(of: String.self)
    let server = try Server { _ in
      report.yield("begun")
      await forever()
      report.yield("hung up")
      return HTTP.Response(200)
    }
    let client = try HTTPClient()
    let request = OutboundRequest(.get, try url(server.port))
    let task = Task {
      await failure { () async throws(OutboundError) in try await client.send(request) }
    }
    var iterator = events.makeAsyncIterator()
    #expect(await iterator.next() == "begun")
    task.cancel()
    #expect(await task.value?.kind == .cancelled)
    #expect(await iterator.next() == "hung up")

    let late = Task {
      await forever()
      return await failure { () async throws(OutboundError) in try await client.send(request) }
    }
    late.cancel()
    let error = await late.value
    #expect(error?.kind == .cancelled)
    #expect(error?.nothingWasSent == true)
  }

  @Test("a connect policy sees each address and lets none pass that it refuses")
  func connectPolicy() async throws {
    let seen = Log()
    let server = try Server { _ in HTTP.Response(200) }
    let refusedPort = server.port
    var configuration = HTTPClientConfiguration()
    configuration.connectPolicy = ConnectPolicy { address in
      seen.add("\(address.bytes) \(address.port)")
      return address.port == refusedPort ? .refused("it is private") : .allowed
    }
    let strict = try HTTPClient(configuration)
    let error = await failure { () async throws(OutboundError) in
      try await strict.send(OutboundRequest(.get, URLReference("http://localhost:\(refusedPort)/")))
    }
    #expect(error?.kind == .addressRefused)
    #expect(error?.nothingWasSent == true)
    #expect(error?.message.contains("it is private") == true)
    #expect(seen.lines.contains("[127, 0, 0, 1] \(refusedPort)"))
    let other = try Server { _ in HTTP.Response(204) }
    #expect(try await strict.send(OutboundRequest(.get, try url(other.port))).status == 204)
  }
}
