import Testing

@testable import HTTP

@Suite("Router", .timeLimit(.minutes(1)))
struct RouterTests {
  private func ask(_ method: String, _ path: String) async throws -> String {
    var router = Router()
    router.add(.get, "/") { _ in .text(200, "root") }
    router.add(.get, "/v1/orders") { _ in .text(200, "orders") }
    router.add(.get, "/v1/orders/latest") { _ in .text(200, "latest") }
    router.add(.get, "/v1/orders/{id}") { .text(200, "order \($0.parameters["id"] ?? "-")") }
    router.add(.delete, "/v1/orders/{id}") { _ in .text(200, "deleted") }
    let server = try Server(routes: router)
    let client = try RawClient(port: server.port)
    try await client.send("\(method) \(path) HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    return try await client.rest()
  }

  @Test(
    "a path finds its handler exactly, decoded once",
    arguments: [
      ("/", "root"), ("/v1/orders", "orders"), ("/v1/orders?x=y", "orders"),
      ("/v1/orders/latest", "latest"), ("/v1/orders/7", "order 7"),
      ("/v1/orders/a%20b%2525", "order a b%25"), ("/v1/%6Frders", "orders"),
    ])
  func finds(_ path: String, _ expected: String) async throws {
    #expect(try await ask("GET", path).hasSuffix("\r\n\r\n\(expected)"))
  }

  @Test(
    "a path that only resembles a route finds nothing",
    arguments: ["/v1", "/v1/orders/", "/v1/Orders", "//v1/orders", "/v1/orders/7/x", "/health"])
  func missing(_ path: String) async throws {
    #expect(try await ask("GET", path).hasPrefix("HTTP/1.1 404 "))
  }

  @Test("another method is told which ones there are; GET serves HEAD")
  func methods() async throws {
    let refused = try await ask("POST", "/v1/orders/7")
    #expect(refused.hasPrefix("HTTP/1.1 405 "))
    #expect(refused.contains("Allow: DELETE, GET, HEAD\r\n"))
    #expect(try await ask("DELETE", "/v1/orders/7").hasSuffix("deleted"))
    #expect(try await ask("HEAD", "/v1/orders").contains("Content-Length: 6\r\n"))
  }
}
