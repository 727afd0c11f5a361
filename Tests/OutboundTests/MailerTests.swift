import Testing

@testable import Outbound

private let mail = Mail(
  from: Mail.Address("backfill@example.com", name: "Backfill"),
  to: [Mail.Address("finance@example.com", name: "Finanz-Öl"), Mail.Address("b@example.com")],
  subject: "Stripe charges, 1–31 March", text: "41 added.\n.\n+12,430.00 €\n", id: "n1@example.com",
  date: 1_700_000_000)

/// Talks as a mail server that gives the replies named, others as expected, and logs what it heard.
@Sendable private func converse(
  _ connection: ScriptedConnection, _ log: Log, replies: [String: String] = [:],
  extensions: String = ""
) {
  connection.send("220 test\r\n")
  while let line = connection.line() {
    log.add(line)
    let verb = String(line.prefix { $0 != " " && $0 != ":" })
    if let reply = replies[verb] {
      connection.send(reply + "\r\n")
      continue
    }
    switch verb {
    case "EHLO": connection.send("250-test\r\n\(extensions)250 8BITMIME\r\n")
    case "DATA":
      connection.send("354 go on\r\n")
      while let line = connection.line(), line != "." { log.add(line) }
      connection.send((replies["."] ?? "250 taken") + "\r\n")
    case "QUIT":
      connection.send("221 bye\r\n")
      return
    default: connection.send("250 ok\r\n")
    }
  }
}

private func send(
  _ mail: Mail = mail, protection: MailServer.Protection = .none,
  limits: OutboundLimits = OutboundLimits(),
  policy: ConnectPolicy = .any, _ script: @escaping @Sendable (ScriptedConnection) -> Void
) async throws -> OutboundError? {
  let server = try ScriptedServer(script)
  let mailer = try Mailer(
    MailServer(host: "127.0.0.1", port: server.port, protection: protection), limits: limits,
    policy: policy)
  do throws(OutboundError) {
    try await mailer.send(mail)
    return nil
  } catch {
    return error
  }
}

@Suite("Mailer", .timeLimit(.minutes(1)))
struct MailerTests {
  private let log = Log()

  @Test("a mail arrives for all recipients, with encoded headers and text")
  func arrives() async throws {
    let log = log
    #expect(try await send { converse($0, log) } == nil)
    let lines = log.lines
    #expect(lines.contains("MAIL FROM:<backfill@example.com>"))
    #expect(lines.filter { $0.hasPrefix("RCPT TO:") }.count == 2)
    #expect(lines.contains("Message-ID: <n1@example.com>"))
    #expect(lines.contains("Date: Tue, 14 Nov 2023 22:13:20 +0000"))
    #expect(lines.contains("Subject: =?utf-8?B?U3RyaXBlIGNoYXJnZXMsIDHigJMzMSBNYXJjaA==?="))
    #expect(lines.contains("To: =?utf-8?B?RmluYW56LcOWbA==?= <finance@example.com>,"))
    #expect(lines.contains("NDEgYWRkZWQuCi4KKzEyLDQzMC4wMCDigqwK"))
  }

  @Test("what stands in a name, subject or text cannot become a header")
  func injection() async throws {
    var hostile = mail
    hostile.subject = "Hello\r\nBcc: thief@example.com\r\n\r\nbody"
    hostile.sender.name = "A\r\nX-Evil: yes"
    hostile.text = "\r\n.\r\nMAIL FROM:<thief@example.com>\r\n"
    let log = log
    #expect(try await send(hostile) { converse($0, log) } == nil)
    #expect(!log.lines.contains { $0.contains("thief") || $0.contains("Evil") })
    for address in ["a@b>\r\nRCPT TO:<c@d", "a b@c", "a@b@c", "@b", "a@", "a@b,c@d", "ä@b", ""] {
      var wrong = mail
      wrong.recipients = [Mail.Address(address)]
      #expect(throws: OutboundError.self, "\(address)") { try wrong.envelope() }
    }
    var wrong = mail
    wrong.id = "x>\r\nBcc: a@b"
    #expect(throws: OutboundError.self) { try wrong.envelope() }
    wrong = mail
    wrong.recipients = []
    #expect(throws: OutboundError.self) { try wrong.envelope() }
  }

  @Test("long subjects are folded in whole characters, lines stay short")
  func folding() {
    let text = String(repeating: "Übergrößenträger 😀 ", count: 20)
    let lines = encodedWords(text).split(separator: "\r\n ")
    #expect(lines.count > 1)
    #expect(lines.allSatisfy { $0.utf8.count <= 75 })
  }

  @Test(
    "a refusal is told with the server's code",
    arguments: [("MAIL", 550), ("RCPT", 551), ("DATA", 554), (".", 552)])
  func refusals(_ verb: String, _ code: Int) async throws {
    let log = log
    let error = try await send { converse($0, log, replies: [verb: "\(code) no"]) }
    #expect(error?.kind == .mailRefused(code: code))
    #expect(error?.nothingWasSent == (verb != "."))
  }

  @Test("without STARTTLS nothing is said, and no password leaves")
  func startTLS() async throws {
    let log = log
    let protection = MailServer.Protection.startTLS(.init(user: "u", password: "canary"))
    let error = try await send(protection: protection) {
      converse($0, log, extensions: "250-AUTH PLAIN LOGIN\r\n")
    }
    #expect(error?.kind == .tls)
    #expect(error?.nothingWasSent == true)
    #expect(!log.lines.contains { $0.hasPrefix("AUTH") || $0.hasPrefix("MAIL") })
  }

  @Test("a server that never answers, hangs up or may not be connected to")
  func faults() async throws {
    var limits = OutboundLimits()
    limits.whole = .milliseconds(80)
    #expect(try await send(limits: limits) { $0.waitForEnd() }?.kind == .timeout(.whole))
    let gone = try await send { connection in connection.send("220 test\r\n") }
    #expect(gone?.kind == .cutOff)
    let policy = ConnectPolicy { _ in .refused("it is private") }
    #expect(try await send(policy: policy) { $0.waitForEnd() }?.kind == .addressRefused)
  }

  @Test(
    "dates are written in UTC",
    arguments: [
      (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
      (-1, "Wed, 31 Dec 1969 23:59:59 +0000"), (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 +0000"),
    ])
  func dates(_ seconds: Int64, _ expected: String) {
    #expect(mailDate(seconds) == expected)
  }

  @Test("base64 pads as it should")
  func padding() {
    #expect(
      ["", "f", "fo", "foo", "foob"].map { base64(Array($0.utf8)) } == [
        "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==",
      ])
  }
}
