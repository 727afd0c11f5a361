import HTTP
import Testing

@testable import Outbound

struct ConnectPolicyTests {
  private let policy = ConnectPolicy.publicAddresses(except: ["erp.internal"])

  private func passes(_ bytes: [UInt8], _ host: String) -> Bool {
    policy.decide(ConnectPolicy.Address(bytes: bytes, port: 443), for: host) == .allowed
  }

  @Test("a name must lead to a public address, wherever it led before")
  func names() {
    #expect(passes([93, 184, 216, 34], "api.shop.example"))
    for inner in [[10, 0, 0, 1], [127, 0, 0, 1], [192, 168, 1, 1], [100, 64, 0, 1]] as [[UInt8]] {
      #expect(!passes(inner, "api.shop.example"))
      #expect(!passes([UInt8](repeating: 0, count: 10) + [0xff, 0xff] + inner, "api.shop.example"))
    }
  }

  @Test("a trusted name, and a host written as an address, may be private")
  func meant() {
    #expect(passes([10, 0, 0, 1], "erp.internal"))
    #expect(passes([127, 0, 0, 1], "127.0.0.1"))
    #expect(passes([UInt8](repeating: 0, count: 15) + [1], "[::1]"))
    #expect(passes([127, 0, 0, 1], "localhost"))
    #expect(!passes([10, 0, 0, 1], "10.evil.example"))
  }

  @Test("what a provider tells its machines is for nobody")
  func metadata() {
    for host in ["erp.internal", "169.254.169.254", "api.shop.example", "2852039166"] {
      #expect(!passes([169, 254, 169, 254], host))
    }
    #expect(
      !passes(
        [0xfd, 0, 0x0e, 0xc2] + [UInt8](repeating: 0, count: 10) + [2, 0x54], "[fd00:ec2::254]"))
  }

  @Test("the address that is really connected to decides")
  func connecting() async throws {
    let server = try Server { _ in .text(200, "here") }
    var configuration = HTTPClientConfiguration()
    configuration.connectPolicy = .publicAddresses(except: [])
    let client = try HTTPClient(configuration)
    let plain = try URLReference("http://127.0.0.1:\(server.port)/")
    #expect(try await client.send(OutboundRequest(.get, plain)).status == 200)
    configuration.connectPolicy = ConnectPolicy(byHost: { _, host in .refused("\(host) is private")
    })
    let strict = try HTTPClient(configuration)
    let error = await #expect(throws: OutboundError.self) {
      try await strict.send(OutboundRequest(.get, plain))
    }
    #expect(error?.kind == .addressRefused)
    #expect(error?.message.contains("127.0.0.1 is private") == true)
  }
}
