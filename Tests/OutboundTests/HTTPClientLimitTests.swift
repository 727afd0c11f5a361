import HTTP
import Testing

@testable import Outbound

/// A source that misbehaves, and a request to it.
private func ask(
  _ limits: OutboundLimits = OutboundLimits(),
  respond: @escaping Router.Handler
) async throws -> OutboundError? {
  let server = try Server(respond: respond)
  let client = try HTTPClient()
  let request = OutboundRequest(.get, try url(server.port), limits: limits)
  return await failure { () async throws(OutboundError) in try await client.send(request) }
}

/// The same with a source that speaks no proper HTTP.
private func askOddly(
  scheme: String = "http", _ limits: OutboundLimits = OutboundLimits(),
  script: @escaping @Sendable (ScriptedConnection) -> Void
) async throws -> OutboundError? {
  let server = try ScriptedServer(script)
  let client = try HTTPClient()
  let request = OutboundRequest(
    .get, try URLReference("\(scheme)://127.0.0.1:\(server.port)/"), limits: limits)
  return await failure { () async throws(OutboundError) in try await client.send(request) }
}

private func limits(_ change: (inout OutboundLimits) -> Void) -> OutboundLimits {
  var limits = OutboundLimits()
  change(&limits)
  return limits
}

@Suite("HTTPClient's limits", .timeLimit(.minutes(1)))
struct HTTPClientLimitTests {
  @Test("a source that cannot be connected to in time")
  func connectDeadline() async throws {
    // The source takes the connection, but never answers the TLS handshake.
    let error = try await askOddly(scheme: "https", limits { $0.connect = .milliseconds(60) }) {
      $0.waitForEnd()
    }
    #expect(error?.kind == .timeout(.connect))
    #expect(error?.nothingWasSent == true)
  }

  @Test("the time to connect counts anew behind a redirect, the whole time does not")
  func deadlinesBehindRedirect() throws {
    let started = ContinuousClock.now
    let request = OutboundRequest(
      .get, try url(80),
      limits: limits {
        $0.connect = .seconds(10)
        $0.whole = .seconds(25)
      })
    let second = HTTPTransfer(
      request, HTTPClientConfiguration(), started: started, begun: started + .seconds(12))
    #expect(second.overdue(at: started + .seconds(21)) == nil)
    #expect(second.overdue(at: started + .seconds(22))?.kind == .timeout(.connect))
    let last = HTTPTransfer(
      request, HTTPClientConfiguration(), started: started, begun: started + .seconds(20))
    #expect(last.overdue(at: started + .seconds(25))?.kind == .timeout(.whole))
  }

  @Test("a source that does not begin to answer")
  func headDeadline() async throws {
    let started = ContinuousClock.now
    let error = try await ask(limits { $0.head = .milliseconds(60) }) { _ in
      await forever()
      return HTTP.Response(200)
    }
    #expect(error?.kind == .timeout(.head))
    // Long before the deadline of connecting, the first that was set.
    #expect(ContinuousClock.now - started < .seconds(8))
    #expect(error?.requests == 1)
  }

  @Test("a source that falls silent in its answer")
  func idleDeadline() async throws {
    let started = ContinuousClock.now
    let error = try await ask(limits { $0.idle = .milliseconds(60) }) { _ in
      HTTP.Response(
        200,
        body: .stream(length: nil) { writer in
          try await writer.write([1])
          await forever()
        })
    }
    #expect(error?.kind == .timeout(.idle))
    #expect(ContinuousClock.now - started < .seconds(8))
  }

  @Test("a source that goes on answering too long")
  func wholeDeadline() async throws {
    let error = try await ask(
      limits {
        $0.whole = .milliseconds(150)
        $0.wireBytes = .max
        $0.unpackedBytes = .max
      }
    ) { _ in
      HTTP.Response(
        200, body: .stream(length: nil) { writer in while true { try await writer.write([1]) } })
    }
    #expect(error?.kind == .timeout(.whole))
  }

  @Test("an answer whose declared length is too large is refused before it is read")
  func declaredLength() async throws {
    let error = try await ask { _ in
      HTTP.Response(200, body: .stream(length: 5_000_000_000) { _ in await forever() })
    }
    #expect(error?.kind == .tooLarge(.wire))
  }

  @Test("an answer that grows too large on the wire")
  func wireBound() async throws {
    let error = try await ask(limits { $0.wireBytes = 1 << 20 }) { _ in
      HTTP.Response(
        200,
        body: .stream(length: nil) { writer in
          while true { try await writer.write([UInt8](repeating: 0, count: 65536)) }
        })
    }
    #expect(error?.kind == .tooLarge(.wire))
  }

  @Test("an answer at the bounds passes, one byte beyond does not")
  func exactBounds() async throws {
    let server = try Server { _ in .text(200, "four") }
    let client = try HTTPClient()
    var request = OutboundRequest(.get, try url(server.port))
    request.limits.wireBytes = 4
    request.limits.unpackedBytes = 4
    #expect(try await client.send(request).body.count == 4)
    request.limits.unpackedBytes = 3
    #expect(
      await failure { () async throws(OutboundError) in try await client.send(request) }?.kind
        == .tooLarge(.unpacked))
    request.limits.unpackedBytes = 4
    request.limits.wireBytes = 3
    #expect(
      await failure { () async throws(OutboundError) in try await client.send(request) }?.kind
        == .tooLarge(.wire))
  }

  @Test("an answer that is small on the wire and huge when unpacked, whether it says so or lies")
  func packedBomb() async throws {
    let size = 1 + 258 * 1_000_000
    for (claimed, expected) in [
      (size, .tooLarge(.unpacked)), (1_000_000, .malformed),
    ] as [(Int, OutboundError.Kind)] {
      let bomb = gzipOfZeros(matches: 1_000_000, claiming: UInt32(claimed))
      #expect(bomb.count < 2 << 20)
      let error = try await ask(limits { $0.unpackedBytes = 4 << 20 }) { _ in
        HTTP.Response(200, headers: ["Content-Encoding": "gzip"], body: .bytes(bomb))
      }
      #expect(error?.kind == expected)
    }
  }

  @Test("an answer packed in a way that was not asked for")
  func unknownPacking() async throws {
    for coding in ["br", "gzip, gzip", "deflate"] {
      let error = try await ask { _ in
        HTTP.Response(200, headers: ["Content-Encoding": coding], body: .bytes([1, 2, 3]))
      }
      #expect(error?.kind == .malformed)
    }
  }

  @Test("headers without end, in many lines, one line, or interim answers")
  func headBound() async throws {
    let many = try await askOddly { connection in
      _ = connection.head()
      connection.send("HTTP/1.1 200 OK\r\n")
      for _ in 0..<20_000 {
        connection.send("X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n")
      }
    }
    #expect(many?.kind == .tooLarge(.head))
    let one = try await askOddly { connection in
      _ = connection.head()
      connection.send("HTTP/1.1 200 OK\r\nX: " + String(repeating: "y", count: 2_000_000))
    }
    #expect(one?.kind == .tooLarge(.head))
    let interim = try await askOddly { connection in
      _ = connection.head()
      for _ in 0..<20_000 { connection.send("HTTP/1.1 103 Early Hints\r\n\r\n") }
    }
    #expect(interim?.kind == .tooLarge(.head))
  }

  @Test(
    "an answer that is cut off",
    arguments: [
      "", "HTTP/1.1 200 OK\r\nContent-Len", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nhel",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a length\r\n",
    ])
  func cutOff(_ answer: String) async throws {
    let error = try await askOddly { connection in
      _ = connection.head()
      connection.send(answer)
    }
    #expect(error?.kind == .cutOff)
    #expect(error?.requests == 1)
  }

  @Test(
    "an answer that is not HTTP, or not packed as it says",
    arguments: [
      "hello, who is there?\r\n", "220 mail.example.com ESMTP\r\n",
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\nnot gzip but",
    ])
  func malformed(_ answer: String) async throws {
    let error = try await askOddly { connection in
      _ = connection.head()
      connection.send(answer)
      connection.waitForEnd()
    }
    #expect(error?.kind == .malformed)
  }

  @Test("a port where nobody listens")
  func refusedConnection() async throws {
    let server = try Server { _ in HTTP.Response(200) }
    await server.stop()
    let client = try HTTPClient()
    let error = await failure { () async throws(OutboundError) in
      try await client.send(OutboundRequest(.get, URLReference("http://127.0.0.1:\(server.port)/")))
    }
    #expect(error?.kind == .connect)
    #expect(error?.nothingWasSent == true)
  }

  @Test("a source that should speak TLS and does not")
  func noTLS() async throws {
    let error = try await askOddly(scheme: "https") { connection in
      connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
    }
    #expect(error?.kind == .tls)
    #expect(error?.nothingWasSent == true)
  }
}

/// A gzip of so many times 258 zeros: one literal, then the longest match again and again, in
/// deflate's fixed code (RFC 1951, section 3.2.6); the trailer claims some size.
private func gzipOfZeros(matches: Int, claiming size: UInt32) -> [UInt8] {
  var bytes: [UInt8] = [31, 139, 8, 0, 0, 0, 0, 0, 0, 255]
  var bits = 0
  var count = 0
  func put(_ code: String) {
    for bit in code {
      bits |= (bit == "1" ? 1 : 0) << count
      count += 1
    }
    while count >= 8 {
      bytes.append(UInt8(bits & 0xFF))
      bits >>= 8
      count -= 8
    }
  }
  put("110" + "00110000")
  // Eight matches are thirteen whole bytes, the same ones each time.
  for _ in 0..<8 { put("11000101" + "00000") }
  let period = bytes.suffix(13)
  for _ in 1..<(matches / 8) { bytes += period }
  put("0000000" + "00000000")
  return bytes + [0, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
}
