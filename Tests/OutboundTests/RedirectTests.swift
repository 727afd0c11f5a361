import HTTP
import Testing

@testable import Outbound

/// A server that redirects `/to?…` to the given place with the given status, and logs what it saw.
private func redirecting(_ log: Log) throws -> Server {
  try Server { request in
    log.add(request.target.text)
    switch request.target.segments.first {
    case "to":
      return HTTP.Response(
        Int(request.target.value("status") ?? "") ?? 302,
        headers: ["Location": request.target.value("place") ?? ""])
    case "chain":
      let rest = Int(request.target.value("rest") ?? "") ?? 0
      return rest == 0
        ? HTTP.Response(200) : HTTP.Response(307, headers: ["Location": "/chain?rest=\(rest - 1)"])
    default: return .text(200, request.headers["Authorization"] ?? "-")
    }
  }
}

@Suite("Redirects", .timeLimit(.minutes(1)))
struct RedirectTests {
  private let log = Log()

  private func send(
    _ server: Server, _ path: String, method: OutboundRequest.Method = .get,
    redirects: OutboundRequest.Redirects = .followedOnSameHost
  ) async throws -> Result<OutboundResponse, OutboundError> {
    let client = try HTTPClient()
    let request = OutboundRequest(
      method, try url(server.port, path), headers: ["Authorization": "Bearer canary"],
      redirects: redirects)
    do throws(OutboundError) {
      return .success(try await client.send(request))
    } catch {
      return .failure(error)
    }
  }

  @Test("a redirect is the answer unless following was asked for")
  func returned() async throws {
    let server = try redirecting(log)
    let response = try await send(server, "/to?place=/b", redirects: .returned).get()
    #expect(response.status == 302)
    #expect(response.headers["Location"] == "/b")
    #expect(log.lines == ["/to?place=/b"])
  }

  @Test("redirects on the same host are followed, and counted as requests")
  func followed() async throws {
    let server = try redirecting(log)
    for status in [301, 302, 303, 307, 308] {
      let response = try await send(server, "/to?status=\(status)&place=b/c").get()
      #expect(response.body == Array("Bearer canary".utf8))
      #expect(response.requests == 2)
      #expect(response.url.path == "/b/c")
    }
    let absolute = try await send(server, "/to?place=http://127.0.0.1:\(server.port)/x").get()
    #expect(absolute.status == 200)
  }

  @Test("three are followed, a fourth is not")
  func chain() async throws {
    let server = try redirecting(log)
    #expect(try await send(server, "/chain?rest=3").get().requests == 4)
    guard case .failure(let error) = try await send(server, "/chain?rest=4") else {
      Issue.record("followed four")
      return
    }
    #expect(error.kind == .redirectRefused)
    #expect(error.requests == 4)
  }

  @Test("another host, port or scheme is never asked")
  func refused() async throws {
    let other = Log()
    let server = try redirecting(log)
    let stranger = try redirecting(other)
    for place in [
      "http://127.0.0.1:\(stranger.port)/", "http://localhost:\(stranger.port)/",
      "//localhost:\(server.port)/", "http://localhost:\(server.port)/", "file:///etc/passwd",
      "https://127.0.0.1:\(server.port)/", "http://user:word@127.0.0.1:\(server.port)/", "",
      "ftp://127.0.0.1/", "http://127.0.0.1:\(server.port)@localhost:\(stranger.port)/",
    ] {
      let path = "/to?place=\(percentEncoded(place))"
      let result = try await send(server, path)
      guard case .failure(let error) = result, !place.isEmpty else {
        // An empty place leads to the same address again, and so around in a circle.
        #expect(place.isEmpty)
        continue
      }
      #expect(error.kind == .redirectRefused, "\(place)")
      #expect(error.requests == 1)
      #expect(error.message.contains("canary") == false)
    }
    #expect(other.lines == [])
  }

  @Test("a POST is never sent on")
  func post() async throws {
    let server = try redirecting(log)
    guard
      case .failure(let error) = try await send(server, "/to?status=307&place=/b", method: .post)
    else {
      Issue.record("sent on")
      return
    }
    #expect(error.kind == .redirectRefused)
    #expect(log.lines.count == 1)
  }
}
