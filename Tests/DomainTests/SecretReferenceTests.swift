import Domain
import Testing

@Suite struct SecretReferenceTests {
  @Test(
    "a reference is read and written",
    arguments: [
      ("env:SHOP_TOKEN", SecretReference.environment("SHOP_TOKEN")),
      ("env:_x1", .environment("_x1")),
      ("file:/run/secrets/shop token", .file("/run/secrets/shop token")),
    ])
  func reads(text: String, reference: SecretReference) throws {
    #expect(try SecretReference(text) == reference)
    #expect(reference.description == text)
  }

  @Test(
    "a reference that leads nowhere is refused",
    arguments: [
      "env:", "env:1A", "env:A-B", "env:A B", "env:É", "file:", "file:/", "file:secret",
      "file:~/secret",
      "file:../secret", "file:/a\nb", "file:/a\u{0}",
    ])
  func refuses(text: String) {
    #expect(throws: InputFault.badSecretReference(text)) { try SecretReference(text) }
  }

  @Test(
    "a secret in the open is refused without being repeated",
    arguments: [
      "sk_live_canary", "ENV:A", " env:A", "", "file/canary",
    ])
  func refusesSecrets(text: String) {
    let fault = #expect(throws: InputFault.self) { try SecretReference(text) }
    #expect(fault == .literalSecret)
    #expect(fault?.message.contains("canary") == false)
  }
}
