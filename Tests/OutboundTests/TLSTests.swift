import Glibc
import Processes
import Testing

@testable import Outbound

private let openssl = Program.find("openssl", in: Program.defaultFolders)

/// Runs a TLS server with a certificate that nobody has signed for the time of `body`.
private func withSelfSignedServer(_ body: (UInt16) async throws -> Void) async throws {
  let program = try #require(openssl)
  let folder = "/tmp/tls-\(getpid())-\(UInt32.random(in: 0 ... .max))"
  let (key, certificate) = ("\(folder)/key.pem", "\(folder)/certificate.pem")
  mkdir(folder, 0o700)
  defer {
    unlink(key)
    unlink(certificate)
    rmdir(folder)
  }
  _ = try await Command(
    program,
    [
      "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
      "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
    ]
  ).runExpectingSuccess()
  let server = Command(
    program,
    ["s_server", "-accept", "127.0.0.1:0", "-key", key, "-cert", certificate, "-www", "-no_tls1_3"])
  try await server.withProcess(output: .streamed) { process in
    try await body(try #require(try await port(announced: process.output)))
  }
}

/// The port behind `ACCEPT 127.0.0.1:`.
private func port(announced output: ProcessOutput) async throws -> UInt16? {
  var text = ""
  for try await chunk in output {
    text += String(decoding: chunk, as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if let line = lines.dropLast().first(where: { $0.hasPrefix("ACCEPT ") }) {
      return line.split(separator: ":").last.flatMap { UInt16($0) }
    }
  }
  return nil
}

@Suite("TLS", .timeLimit(.minutes(1)), .enabled(if: openssl != nil, "needs the program openssl"))
struct TLSTests {
  @Test("a certificate that nobody has signed is not trusted, and nothing is sent")
  func selfSigned() async throws {
    try await withSelfSignedServer { port in
      let client = try HTTPClient()
      let error = await failure { () async throws(OutboundError) in
        try await client.send(OutboundRequest(.get, URLReference("https://localhost:\(port)/")))
      }
      #expect(error?.kind == .tls)
      #expect(error?.nothingWasSent == true)
    }
  }
}
