import Connectors
import Domain
import Testing

@testable import Operations

@Suite("The feed of pages", .timeLimit(.minutes(1)))
struct PageFeedTests {
  private let clock = ManualClock()

  private func feed(_ connector: ScriptedConnector, _ gate: SourceGate) throws -> PageFeed {
    PageFeed(
      reader: connector.reader(of: firstSeconds, fields: try evaluator().fields), gate: gate)
  }

  @Test("gives each page once, in order, from the cursor that the page before gave")
  func order() async throws {
    let connector = ScriptedConnector { cursor in
      let number = cursor.flatMap { Int($0) } ?? 0
      return .success((records: "[\(number)]", next: number < 3 ? "\(number + 1)" : nil))
    }
    let feed = try feed(connector, SourceGate(now: clock.now))
    var (texts, cursor): ([String], String?) = ([], nil)
    repeat {
      let page = try await feed.page(at: cursor)
      texts.append(String(decoding: page.bytes, as: UTF8.self))
      cursor = page.next
    } while cursor != nil
    #expect(texts == ["[0]", "[1]", "[2]", "[3]"])
    #expect(connector.asked == [nil, "1", "2", "3"])
  }

  @Test("is stopped only when nothing is asked of its reader any more")
  func stop() async throws {
    let reader = SlowReader()
    let feed = PageFeed(reader: reader, gate: SourceGate(now: clock.now))
    _ = try await feed.page(at: nil)
    await reader.begun(pages: 2)
    await feed.stop()
    #expect(await reader.story == ["begin nil", "end nil", "begin 1", "end 1", "close"])
  }

  @Test("a refusal holds the other partitions of the source at once, before anything is committed")
  func refusal() async throws {
    let connector = ScriptedConnector { _ in
      .failure(SourceFailure(.rateLimited, "Patience.", retryAfter: 3_600_000_000))
    }
    let gate = SourceGate(now: clock.now)
    for _ in 0..<2 {
      let failure = await #expect(throws: SourceFailure.self) {
        try await feed(connector, gate).page(at: nil)
      }
      #expect(failure?.kind == .rateLimited)
      #expect(failure?.retryAfter == 3_600_000_000)
    }
    #expect(connector.asked.count == 1)
  }
}
