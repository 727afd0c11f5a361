import Outbound
import Testing

@testable import Operations

@Suite("Addresses of mail servers")
struct MailServerTests {
  private let login = MailServer.Credentials(user: "u", password: "p")

  @Test("name host, port and protection")
  func addresses() {
    #expect(
      MailServer(address: "smtps://mail.example.org", login: login)
        == MailServer(host: "mail.example.org", port: 465, protection: .tls(login)))
    #expect(
      MailServer(address: "smtp://mail.example.org:2525", login: nil)
        == MailServer(host: "mail.example.org", port: 2525, protection: .startTLS(nil)))
    #expect(
      MailServer(address: "smtp://[2001:db8::1]:25", login: nil)
        == MailServer(host: "2001:db8::1", port: 25, protection: .startTLS(nil)))
  }

  @Test("leave out TLS only on this machine and without a password")
  func protection() {
    for host in ["localhost", "127.0.0.1", "[::1]"] {
      #expect(
        MailServer(address: "smtp://\(host)", login: nil)?.protection == MailServer.Protection.none)
      #expect(MailServer(address: "smtp://\(host)", login: login)?.protection == .startTLS(login))
    }
    #expect(
      MailServer(address: "smtp://127.0.0.1.example.org", login: nil)?.protection == .startTLS(nil))
  }

  @Test(
    "are refused where they are none",
    arguments: [
      "", "mail.example.org", "http://mail.example.org", "smtp:mail", "smtp://", "smtp://:25",
      "smtp://host:", "smtp://host:0", "smtp://host:65536", "smtp://host:25x", "smtp://[::1",
      "smtp://[]:25", "smtp://[::1]25",
    ])
  func refuses(address: String) {
    #expect(MailServer(address: address, login: nil) == nil)
  }
}
