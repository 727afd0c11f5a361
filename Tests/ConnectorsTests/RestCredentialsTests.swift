import Connectors
import Crypto
import Domain
import HTTP
import JSON
import Testing

struct RestCredentialsTests {
  /// What a request for one page looks like to the API.
  private func asked(
    auth: String, secrets: [String: String], headers: String = ""
  ) async throws -> FakeAPI.Asked? {
    let fake = try FakeAPI(json: #"{"data":[]}"#)
    let source = try api(fake.address, source: "auth: \(auth), \(headers)")
    _ = try await connector(source, try factory(secrets: secrets))
      .pages(thousandSeconds, fields: idAndTime)
    return await fake.asked.first
  }

  @Test("a bearer token goes into the Authorization header")
  func bearer() async throws {
    let asked = try await asked(
      auth: #"{type: "bearer", token: "env:KEY"}"#, secrets: ["KEY": "sk_1"],
      headers: #"headers: {"Api-Version": "2024-01-01"},"#)
    #expect(asked?.headers["Authorization"] == "Bearer sk_1")
    #expect(asked?.headers["Api-Version"] == "2024-01-01")
    #expect(asked?.headers["Accept"] == "application/json")
  }

  @Test("a user and password go into the Authorization header")
  func basic() async throws {
    let asked = try await asked(
      auth: #"{type: "basic", user: "ann", password: "env:WORD"}"#, secrets: ["WORD": "p:w"])
    #expect(
      asked?.headers["Authorization"] == "Basic " + Base64.standard.encode(Array("ann:p:w".utf8)))
  }

  @Test("a key may be the user, without a password")
  func keyAsUser() async throws {
    let asked = try await asked(
      auth: #"{type: "basic", user: "env:KEY"}"#, secrets: ["KEY": "sk_1"])
    #expect(
      asked?.headers["Authorization"] == "Basic " + Base64.standard.encode(Array("sk_1:".utf8)))
  }

  @Test("a key goes into a header or into the query")
  func keys() async throws {
    let header = try await asked(
      auth: #"{type: "api_key", in: "header", name: "X-Key", key: "env:KEY"}"#,
      secrets: ["KEY": "k 1"])
    #expect(header?.headers["X-Key"] == "k 1")
    let query = try await asked(
      auth: #"{type: "api_key", in: "query", name: "key", key: "env:KEY"}"#,
      secrets: ["KEY": "k 1"])
    #expect(query?.target.value("key") == "k 1")
  }

  @Test("a secret may come from a file, without its line end")
  func file() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("token", "sk_file\n")
    let asked = try await asked(
      auth: #"{type: "bearer", token: "file:\#(path)"}"#, secrets: [:])
    #expect(asked?.headers["Authorization"] == "Bearer sk_file")
  }

  @Test(
    "a secret that is not to be found is told by its reference",
    arguments: [
      ("env:NOT_SET", "NOT_SET"), ("file:/nowhere/token", "/nowhere/token"), ("env:EMPTY", "EMPTY"),
      ("env:DATABASE_URL", "DATABASE_URL"), ("env:PGPASSWORD", "PGPASSWORD"),
      ("env:BROKEN", "BROKEN"),
    ])
  func missing(reference: String, named: String) throws {
    let source = try api(
      "http://127.0.0.1:9", source: #"auth: {type: "bearer", token: "\#(reference)"},"#)
    let failure = #expect(throws: SourceFailure.self) {
      try connector(
        source,
        try factory(secrets: [
          "EMPTY": "", "BROKEN": "abc\ndef", "DATABASE_URL": "abc", "PGPASSWORD": "abc",
        ]))
    }
    #expect(failure?.kind == .misconfigured)
    #expect(failure?.message.contains(named) == true)
    #expect(failure?.message.contains("abc") == false)
  }

  @Test(
    "no secret stands in a message or a cursor, in whatever form the source repeats it",
    arguments: ["sk_live/4711+\"x\"", "short", "ünïcödé key"])
  func canary(secret: String) async throws {
    let percent = secret.utf8.map { byte in
      let hex = String(byte, radix: 16, uppercase: true)
      return Character(Unicode.Scalar(byte)).isLetter && byte < 128
        ? String(UnicodeScalar(byte)) : "%" + (hex.count == 1 ? "0" : "") + hex
    }.joined()
    let escaped = secret.replacing("\"", with: "\\\"").replacing("/", with: "\\/")
    let basic = Base64.standard.encode(Array("ann:\(secret)".utf8))
    let bodies = [
      "{\"key\":\"\(secret.unicodeScalars.map { "\\u" + String(0x10000 + $0.value, radix: 16).suffix(4) }.joined())\"}",
      "You sent \(secret), really", "?key=\(percent)", "{\"key\":\"\(escaped)\"}", "Basic \(basic)",
      String(repeating: " ", count: 4_090) + secret, String(repeating: "x", count: 195) + secret,
    ]
    let auths = [
      #"{type: "bearer", token: "env:KEY"}"#,
      #"{type: "basic", user: "ann", password: "env:KEY"}"#,
      #"{type: "api_key", in: "query", name: "key", key: "env:KEY"}"#,
    ]
    for auth in auths where secret.utf8.allSatisfy({ $0 < 128 }) || !auth.contains("bearer") {
      for body in bodies {
        let fake = try FakeAPI { _ in .text(400, body) }
        let source = try api(fake.address, source: "auth: \(auth),")
        let connector = try connector(source, try factory(secrets: ["KEY": secret]))
        let failure = await #expect(throws: SourceFailure.self) {
          try await connector.pages(thousandSeconds, fields: idAndTime)
        }
        let message = failure?.message ?? ""
        for form in [secret, percent, escaped] {
          #expect(!message.contains(form), "\(auth) \(body.prefix(60))")
        }
        if auth.contains("basic") { #expect(!message.contains(basic)) }
        #expect(!message.contains(secret.prefix(5)) || body.count < 200)
      }
    }
  }

  @Test("the key in a link to the next page is not kept in the cursor, but sent again")
  func keyInLink() async throws {
    let fake = try FakeAPI { asked in
      let isFirst = asked.target.value("page") == nil
      return .json(
        #"{"data":[],"next":\#(isFirst ? "\"/orders?api%5Fkey=x&page=2&api_key=sk_77\"" : "null")}"#
      )
    }
    let source = try api(
      fake.address,
      source: #"auth: {type: "api_key", in: "query", name: "api_key", key: "env:KEY"},"#,
      pagination: #"{type: "next_url", path: "next"}"#)
    let pages = try await connector(source, try factory(secrets: ["KEY": "sk_77"]))
      .pages(thousandSeconds, fields: idAndTime)
    #expect(pages.first?.next?.contains("sk_77") == false)
    let asked = await fake.asked
    #expect(
      asked.map { $0.target.query.filter { $0.name == "api_key" }.map(\.value) }.last == ["sk_77"])
    #expect(asked.last?.target.value("page") == "2")
  }

  @Test("a link that holds a secret elsewhere is refused")
  func secretInLink() async throws {
    let fake = try FakeAPI(json: #"{"data":[],"next":"/sk_77/orders"}"#)
    let source = try api(
      fake.address, source: #"auth: {type: "bearer", token: "env:KEY"},"#,
      pagination: #"{type: "next_url", path: "next"}"#)
    let connector = try connector(source, try factory(secrets: ["KEY": "sk_77"]))
    let failure = await #expect(throws: SourceFailure.self) {
      try await connector.pages(thousandSeconds, fields: idAndTime)
    }
    #expect(failure?.kind == .invalidPage)
    #expect(failure?.message.contains("sk_77") == false)
  }
}
