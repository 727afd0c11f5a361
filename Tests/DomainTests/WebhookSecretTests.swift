import Domain
import Testing

@Suite struct WebhookSecretTests {
  // The example of the Standard Webhooks specification, whose libraries all test with it.
  private let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
  private let id = NoticeID(rawValue: "msg_p5jXN8AQM9LWM0D4loKWxJek")
  private let body = Array("{\"test\": 2432232314}".utf8)

  @Test("the signature is that of the specification's example")
  func example() throws {
    let signature = try #require(WebhookSecret(secret)).signature(
      id: id, timestamp: 1_614_265_330, body: body)
    #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
  }

  @Test("it covers id, time and body")
  func covers() throws {
    let key = try #require(WebhookSecret(secret))
    let signatures = [
      key.signature(id: id, timestamp: 1, body: body),
      key.signature(id: id, timestamp: 2, body: body),
      key.signature(id: NoticeID(rawValue: "ntc_2"), timestamp: 1, body: body),
      key.signature(id: id, timestamp: 1, body: body + [0]),
    ]
    #expect(Set(signatures).count == signatures.count)
  }

  @Test("while one key takes over from another, both sign")
  func rotation() throws {
    let other = "whsec_" + String(repeating: "A", count: 32)
    let both = try #require(WebhookSecret("\(secret) \(other)"))
      .signature(id: id, timestamp: 1, body: body)
    let each = try [secret, other].map {
      try #require(WebhookSecret($0)).signature(id: id, timestamp: 1, body: body)
    }
    #expect(both == each.joined(separator: " "))
  }

  @Test(
    "anything but whsec_ and 24 to 64 bytes in base64 is refused",
    arguments: [
      "", " ", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La",
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "whsec_!!KQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      "whsec_" + String(repeating: "A", count: 88),
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw whsec_short",
    ])
  func refuses(text: String) {
    #expect(WebhookSecret(text) == nil)
  }
}
