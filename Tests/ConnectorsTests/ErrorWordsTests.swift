import Testing

@testable import Connectors

@Suite struct ErrorWordsTests {
  @Test(
    "of an error's body the sentence for people is shown, wherever APIs put it",
    arguments: [
      (#"{"error":{"code":"x","message":"Bad checksum."}}"#, "Bad checksum"),
      (#"{"errors":[{"status":"500","detail":"Shard 7 is down"}]}"#, "Shard 7 is down"),
      (#"{"error":"invalid_grant","error_description":"The token is old."}"#, "The token is old"),
      (#"{"title":"Internal","status":500}"#, "Internal"),
      (#"[{"message":"One of many"}]"#, "One of many"),
    ])
  func finds(body: String, words: String) {
    #expect(Redactor([]).excerpt(of: Array(body.utf8)) == words)
  }

  @Test(
    "a body without such a sentence is shown as it begins",
    arguments: [#"{"code":17}"#, #"{"message":"  "}"#, "<html>502</html>", #"{"message":"#])
  func leaves(body: String) {
    #expect(Redactor([]).excerpt(of: Array(body.utf8)).hasPrefix(body.prefix(8)))
  }

  @Test("a secret that only shows when the words are read is not shown")
  func hidesSecrets() {
    let body = #"{"message":"no such token: s\u0065cret-1234"}"#
    #expect(!Redactor(["secret-1234"]).excerpt(of: Array(body.utf8)).contains("1234"))
    let plain = #"{"message":"no such token: secret-1234"}"#
    #expect(Redactor(["secret-1234"]).excerpt(of: Array(plain.utf8)) == "no such token: [secret]")
  }
}
