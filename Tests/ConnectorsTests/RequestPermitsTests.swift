import Connectors
import Domain
import Foundation
import HTTP
import JSON
import Testing

/// Permits for anything, which remember what was asked and told.
///
/// `@unchecked Sendable`: everything is guarded by `lock`.
private final class NotedPermits: RequestPermits, @unchecked Sendable {
  private let lock = NSLock()
  private var log: [String] = []

  var notes: [String] { lock.withLock { log } }

  func take(for request: PermitRequest) async throws(SourceFailure) -> Permit {
    lock.withLock { log.append("\(request.method) \(request.path)") }
    return .free
  }

  func settle(_ permit: Permit, _ outcome: PermitOutcome) async -> Int64? {
    let (note, wait): (String, Int64?) =
      switch outcome {
      case .unsent: ("unsent", nil)
      case .unanswered: ("unanswered", nil)
      case .answered(let answer):
        (
          answer.refusal.map { "refused for \($0.wait.map(String.init) ?? "some time")" }
            ?? "answered, \(answer.header("X-Left") ?? "none") left, "
            + "\(answer.value(JSONPath("cost.left"))?.encoded() ?? "none") points",
          answer.refusal == nil ? nil : 7_000_000
        )
      }
    lock.withLock { log.append(note) }
    return wait
  }
}

struct RequestPermitsTests {
  private func read(_ address: String, _ permits: NotedPermits) async throws -> [Page] {
    let source = try api(address)
    let stream = try #require(source.streams.first)
    return try await factory().connector(for: stream, of: source, permits: permits)
      .pages(thousandSeconds, fields: idAndTime)
  }

  @Test(
    "every request has a permit of its own, those of redirects included, and all answers are told")
  func redirects() async throws {
    let fake = try FakeAPI { asked in
      asked.number < 2
        ? Response(302, headers: ["Location": "/moved/\(asked.number)", "X-Left": "9"])
        : .json(#"{"data":[],"cost":{"left":12}}"#, headers: ["X-Left": "7"])
    }
    let permits = NotedPermits()
    let pages = try await read(fake.address, permits)
    #expect(pages.map(\.requests) == [3])
    #expect(
      permits.notes == [
        "GET /orders", "answered, 9 left, none points", "GET /moved/0",
        "answered, 9 left, none points", "GET /moved/1", "answered, 7 left, 12 points",
      ])
  }

  @Test("a refusal is told, and the wait of the budget is that of the partition")
  func refusal() async throws {
    for (headers, told) in [(["Retry-After": "3"] as Headers, "3000000"), ([:], "some time")] {
      let fake = try FakeAPI { _ in Response(429, headers: headers) }
      let permits = NotedPermits()
      let failure = await #expect(throws: SourceFailure.self) {
        try await read(fake.address, permits)
      }
      #expect(failure?.kind == .rateLimited)
      #expect(failure?.retryAfter == 7_000_000)
      #expect(permits.notes == ["GET /orders", "refused for \(told)"])
    }
  }

  private static func addressOfNobody() throws -> String {
    try FakeAPI(json: "{}").address
  }

  @Test("a request that never left gives its permit back")
  func unsent() async throws {
    let permits = NotedPermits()
    // Nobody listens on the port that was just left.
    let gone = try Self.addressOfNobody()
    await #expect(throws: SourceFailure.self) { try await read(gone, permits) }
    #expect(permits.notes == ["GET /orders", "unsent"])
  }
}
