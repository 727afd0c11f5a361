import Connectors
import Crypto
import Domain
import Glibc
import HTTP
import JSON
import Testing

/// Logins that are got before anything can be asked.
struct RestLoginTests {
  /// A source whose tokens are good for so many requests each, and whose refresh tokens, where it
  /// rotates them, for one.
  private actor Issuer {
    private var issued = 0
    private var left = 0
    private let uses: Int
    private var refresh: String?
    private(set) var asked: [String] = []

    init(uses: Int, refresh: String? = nil) {
      self.uses = uses
      self.refresh = refresh
    }

    func token(_ body: String, life: Int) -> Response {
      asked.append(body)
      if let refresh {
        guard body.contains("refresh_token=\(refresh)") else {
          return .text(400, #"{"error":"invalid_grant"}"#)
        }
      }
      issued += 1
      left = uses
      let next = refresh.map { _ in "r\(issued)" }
      if refresh != nil { refresh = next }
      let rotated = next.map { ",\"refresh_token\":\"\($0)\"" } ?? ""
      return .json(
        #"{"access_token":"t\#(issued)","token_type":"bearer","expires_in":\#(life)\#(rotated)}"#)
    }

    func page(_ authorization: String?) -> Response {
      guard authorization == "Bearer t\(issued)", left > 0 else { return .text(401, "expired") }
      left -= 1
      return .json(#"{"data":[]}"#)
    }
  }

  private func fake(_ issuer: Issuer, life: Int = 3_600) throws -> FakeAPI {
    try FakeAPI { asked in
      asked.target.text == "/token"
        ? await issuer.token(asked.body, life: life)
        : await issuer.page(asked.headers["Authorization"])
    }
  }

  private func source(_ base: String, auth: String) throws -> SourceDefinition {
    try api(base, source: #"auth: {token_url: "\#(base)/token", client_id: "me", \#(auth)},"#)
  }

  private let client =
    #"type: "oauth2_client", client_secret: "env:WORD", parameters: {scope: "a b"}"#

  @Test("a token is got by the client's secret once, and used by all who read")
  func clientCredentials() async throws {
    let issuer = Issuer(uses: 1_000)
    let fake = try fake(issuer)
    let factory = try factory(secrets: ["WORD": "p&w"])
    let source = try source(fake.address, auth: client)
    let first = try connector(source, factory)
    let second = try connector(source, factory)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for connector in [first, second, first, second] {
        group.addTask { _ = try await connector.pages(thousandSeconds, fields: idAndTime) }
      }
      try await group.waitForAll()
    }
    #expect(
      await issuer.asked == [
        "scope=a%20b&grant_type=client_credentials&client_id=me&client_secret=p%26w"
      ])
  }

  @Test("the client may be shown in the header instead")
  func basic() async throws {
    let issuer = Issuer(uses: 1)
    let fake = try fake(issuer)
    let source = try source(
      fake.address, auth: #"type: "oauth2_client", client_in: "basic", client_secret: "env:WORD""#)
    _ = try await connector(source, try factory(secrets: ["WORD": "pw"]))
      .pages(thousandSeconds, fields: idAndTime)
    let pair = Base64.standard.encode(Array("me:pw".utf8))
    #expect(await fake.asked.first?.headers["Authorization"] == "Basic \(pair)")
    #expect(await issuer.asked == ["grant_type=client_credentials"])
  }

  @Test("a token that is refused before its time is got anew, once")
  func renewed() async throws {
    let issuer = Issuer(uses: 1)
    let fake = try fake(issuer)
    let connector = try connector(
      try source(fake.address, auth: client), try factory(secrets: ["WORD": "pw"]))
    for _ in 0..<3 { _ = try await connector.pages(thousandSeconds, fields: idAndTime) }
    #expect(await issuer.asked.count == 3)
    let useless = Issuer(uses: 0)
    let other = try self.fake(useless)
    let refused = try self.connectorOf(other)
    let failure = await #expect(throws: SourceFailure.self) {
      try await refused.pages(thousandSeconds, fields: idAndTime)
    }
    #expect(failure?.kind == .unauthorized)
    #expect(await useless.asked.count == 2)
  }

  private func connectorOf(_ fake: FakeAPI) throws -> any Connector {
    try connector(try source(fake.address, auth: client), try factory(secrets: ["WORD": "pw"]))
  }

  @Test("a rotating refresh token is kept in its file before it is used, for its owner alone")
  func rotating() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("refresh", "r0\n")
    let issuer = Issuer(uses: 1, refresh: "r0")
    let fake = try fake(issuer)
    let source = try source(
      fake.address, auth: #"type: "oauth2_refresh", rotates: true, refresh_token: "file:\#(path)""#)
    // Every factory is a process of its own.
    for _ in 0..<3 {
      _ = try await connector(source, try factory()).pages(thousandSeconds, fields: idAndTime)
    }
    #expect(await issuer.asked.count == 3)
    #expect(await issuer.asked.last?.contains("refresh_token=r2") == true)
    #expect(try String(contentsOf: path) == "r3\n")
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
  }

  @Test("processes that share a rotating token use it one after the other")
  func sharedFile() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("refresh", "r0\n")
    let issuer = Issuer(uses: 1_000, refresh: "r0")
    let fake = try fake(issuer)
    let source = try source(
      fake.address, auth: #"type: "oauth2_refresh", rotates: true, refresh_token: "file:\#(path)""#)
    let connectors = try (0..<6).map { _ in try connector(source, try factory()) }
    let asked = await withTaskGroup(of: SourceFailure.Kind?.self) { group in
      for connector in connectors {
        group.addTask {
          do {
            _ = try await connector.pages(thousandSeconds, fields: idAndTime)
            return nil
          } catch {
            return (error as? SourceFailure)?.kind
          }
        }
      }
      return await group.reduce(into: [SourceFailure.Kind?]()) { $0.append($1) }
    }
    #expect(asked.count == 6)
    // No refresh token was used twice, or it would have been refused.
    let answers = await issuer.asked
    #expect(Set(answers).count == answers.count)
    #expect(answers.count >= 6)
  }

  @Test("a refresh token that rotates cannot come from the environment, which nobody can write")
  func rotatingVariable() throws {
    let source = try source(
      "https://a.test", auth: #"type: "oauth2_refresh", rotates: true, refresh_token: "env:TOKEN""#)
    #expect(
      ConnectorFactory.faults(in: source).map(\.description).contains {
        $0.hasPrefix("sources.shop.auth.refresh_token: expected file:/path")
      })
  }

  @Test("a login that is refused says so, and shows no secret")
  func refused() async throws {
    let fake = try FakeAPI { asked in
      .text(400, #"{"error":"invalid_client","error_description":"no client with \#(asked.body)"}"#)
    }
    let connector = try connector(
      try source(fake.address, auth: client), try factory(secrets: ["WORD": "sk_secret_1"]))
    let failure = await #expect(throws: SourceFailure.self) {
      try await connector.pages(thousandSeconds, fields: idAndTime)
    }
    #expect(failure?.kind == .unauthorized)
    #expect(failure?.message.contains("The login of shop is refused (400)") == true)
    #expect(failure?.message.contains("sk_secret_1") == false)
  }

  @Test("no token stands in a message of the source")
  func hidden() async throws {
    let fake = try FakeAPI { asked in
      asked.target.text == "/token"
        ? .json(#"{"access_token":"tok_4711","expires_in":3600}"#)
        : .text(400, "you sent \(asked.headers["Authorization"] ?? "")")
    }
    let connector = try connectorOf(fake)
    let failure = await #expect(throws: SourceFailure.self) {
      try await connector.pages(thousandSeconds, fields: idAndTime)
    }
    #expect(failure?.message.contains("tok_4711") == false)
  }

  @Test("a key may have words around it")
  func template() async throws {
    let fake = try FakeAPI(json: #"{"data":[]}"#)
    let source = try api(
      fake.address,
      source:
        #"auth: {type: "api_key", in: "header", name: "Authorization", template: "Key {key}!", key: "env:KEY"},"#
    )
    _ = try await connector(source, try factory(secrets: ["KEY": "k1"]))
      .pages(thousandSeconds, fields: idAndTime)
    #expect(await fake.asked.first?.headers["Authorization"] == "Key k1!")
  }

  @Test("requests are signed with the secret over the parts that the source names")
  func signature() async throws {
    let fake = try FakeAPI(json: #"{"data":[]}"#)
    let source = try api(
      fake.address,
      source: """
        auth: {type: "hmac", secret: "env:WORD", key: "env:KEY",
          message: "{timestamp}\\n{method}\\n{target}\\n{body}", encoding: "base64",
          headers: {"X-Signature": "v1={signature}", "X-Time": "{timestamp}", "X-Key": "{key}"}},
        """)
    _ = try await connector(
      source,
      try factory(
        secrets: ["WORD": "w", "KEY": "{signature}"], now: Instant(microseconds: 5_000_000))
    ).pages(thousandSeconds, fields: idAndTime)
    let asked = await fake.asked.first
    let code = SHA256.authenticationCode(
      of: Array("5\nGET\n/orders?at%5Bgte%5D=0&at%5Blt%5D=1000\n".utf8), key: Array("w".utf8))
    #expect(asked?.headers["X-Signature"] == "v1=" + Base64.standard.encode(code.bytes))
    #expect(asked?.headers["X-Time"] == "5")
    #expect(asked?.headers["X-Key"] == "{signature}")
  }
}

extension String {
  /// The content of a file of few bytes.
  fileprivate init(contentsOf path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    self = String(decoding: bytes.prefix(Swift.max(count, 0)), as: UTF8.self)
  }
}
