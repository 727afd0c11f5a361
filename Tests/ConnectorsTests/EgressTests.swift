import Foundation
import Glibc
import Processes
import Testing

@testable import Connectors

@Suite struct EgressTests {
  @Test("what a program asks for is read, and nothing else")
  func requests() throws {
    let head =
      "CONNECT Api.Shop.Example.:443 HTTP/1.1\r\nHost: x\r\nproxy-authorization:  Basic YQ==\r\n\r\n"
    let request = try #require(EgressRequest(head))
    #expect(request.host == "Api.Shop.Example")
    #expect(request.port == 443)
    #expect(request.authorization == "Basic YQ==")
    #expect(EgressRequest("CONNECT [2001:db8::1]:8443 HTTP/1.1\r\n\r\n")?.host == "2001:db8::1")
    for bad in [
      "GET http://a/ HTTP/1.1\r\n\r\n", "CONNECT a HTTP/1.1\r\n\r\n",
      "CONNECT a:0 HTTP/1.1\r\n\r\n",
      "CONNECT a:70000 HTTP/1.1\r\n\r\n", "CONNECT :443 HTTP/1.1\r\n\r\n",
      "CONNECT a:443 SSH/1.1\r\n\r\n", "CONNECT a b:443 HTTP/1.1\r\n\r\n", "",
    ] {
      #expect(EgressRequest(bad) == nil, "\(bad)")
    }
  }

  @Test("only the hosts that are named are let through, or every one by HTTPS")
  func hosts() {
    let named = EgressRule(hosts: ["api.shop.example", "*.cdn.example", "db.example:5432"])
    #expect(named.allows("API.shop.example", port: 443))
    #expect(!named.allows("api.shop.example", port: 80))
    #expect(!named.allows("shop.example", port: 443))
    #expect(!named.allows("api.shop.example.evil", port: 443))
    #expect(named.allows("a.b.cdn.example", port: 443))
    #expect(!named.allows("cdn.example", port: 443))
    #expect(!named.allows("evilcdn.example", port: 443))
    #expect(named.allows("db.example", port: 5432))
    #expect(!named.allows("db.example", port: 443))
    #expect(EgressRule(hosts: []).allows("anything.example", port: 443))
    #expect(!EgressRule(hosts: []).allows("anything.example", port: 25))
  }

  /// What curl is told by a guard that stands before a server on this machine.
  private func curl(
    _ rule: EgressRule, to target: String, password: String? = nil
  ) async throws -> (code: Int32, text: String, refusal: String?) {
    let egress = try #require(EgressGuard.open(rule, password: "word"))
    defer { egress.guard.stop() }
    var command = Command(
      "curl",
      [
        "-sS", "--max-time", "20", "--proxytunnel", "-o", "/dev/null", "-w",
        "%{http_connect} %{http_code}", target,
      ])
    var variables = egress.variables
    if let password {
      for (name, value) in variables { variables[name] = value.replacing("word", with: password) }
    }
    command.environment = .only(variables)
    let result = try await command.run()
    guard case .exited(let code) = result.status else { return (-1, "", nil) }
    return (code, result.output.text + result.errors.text, egress.guard.refusal)
  }

  private static let hasCurl = Program.find("curl", in: Program.defaultFolders) != nil

  @Test(
    "names and numbers that lead to this machine are refused",
    .enabled(if: hasCurl, "it takes curl"))
  func privateAddresses() async throws {
    for host in [
      "127.0.0.1", "localhost", "[::1]", "169.254.169.254", "2130706433", "[::ffff:10.0.0.1]",
    ] {
      let told = try await curl(EgressRule(hosts: []), to: "https://\(host)/")
      #expect(told.text.hasPrefix("403"), "\(host): \(told)")
      #expect(told.refusal?.contains("was refused, because it is") == true)
    }
  }

  @Test(
    "a host that is not named is refused before its name is resolved",
    .enabled(if: hasCurl, "it takes curl"))
  func unnamed() async throws {
    let told = try await curl(EgressRule(hosts: ["a.example"]), to: "https://b.example/")
    #expect(
      told.refusal
        == "A connection to b.example:443 was refused, because the definition does not name it.")
  }

  @Test("who does not know the password is refused", .enabled(if: hasCurl, "it takes curl"))
  func password() async throws {
    let told = try await curl(EgressRule(hosts: []), to: "https://b.example/", password: "wrong")
    #expect(told.text.hasPrefix("407"), "\(told)")
  }

  @Test(
    "what may pass is passed both ways, a megabyte and the end of it",
    .enabled(if: hasCurl, "it takes curl"))
  func passes() async throws {
    let (listening, port) = try #require(EgressSocket.listening(port: 0))
    Thread.detachNewThread {
      let client = accept(listening, nil, nil)
      var head = [UInt8](repeating: 0, count: 4_096)
      _ = recv(client, &head, head.count, 0)
      let body = [UInt8](repeating: 120, count: 1 << 20)
      _ = EgressSocket.write("HTTP/1.0 200 OK\r\n\r\n".utf8, to: client)
      _ = EgressSocket.write(body, to: client)
      close(client)
      close(listening)
    }
    let rule = EgressRule(hosts: ["127.0.0.1:\(port)"], refusal: { _ in nil })
    let egress = try #require(EgressGuard.open(rule, password: "word"))
    defer { egress.guard.stop() }
    var command = Command(
      "curl", ["-sS", "--max-time", "20", "--proxytunnel", "http://127.0.0.1:\(port)/"])
    command.environment = .only(egress.variables)
    let result = try await command.run(keeping: 2 << 20)
    #expect(result.status.isSuccess, "\(result.errors.text)")
    #expect(result.output.bytes == [UInt8](repeating: 120, count: 1 << 20))
  }

  @Test("a socket is handed from one process's end to the other's")
  func handing() throws {
    var ends: [Int32] = [-1, -1]
    #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    defer { ends.forEach { close($0) } }
    let (listening, port) = try #require(EgressSocket.listening(port: 0))
    #expect(EgressSocket.hand(listening, over: ends[0]))
    close(listening)
    let taken = try #require(EgressSocket.taken(from: ends[1]))
    defer { close(taken) }
    #expect(EgressSocket.listening(port: port) == nil)
    #expect(EgressSocket.write([1], to: ends[0]))
    #expect(EgressSocket.taken(from: ends[1]) == nil)
  }
}
