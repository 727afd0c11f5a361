import Connectors
import Domain
import Testing

@testable import Operations

@Suite("The reader of batches", .timeLimit(.minutes(1)))
struct BatchReaderTests {
  private func reader(
    _ connector: ScriptedConnector, _ clock: ManualClock = ManualClock(),
    control: RunControl? = nil
  ) throws -> BatchReader {
    let evaluator = try evaluator()
    return BatchReader(
      feed: PageFeed(
        reader: connector.reader(of: firstSeconds, fields: evaluator.fields),
        gate: SourceGate(now: clock.now)),
      evaluator: evaluator, cursor: nil, control: control ?? .any, now: clock.now)
  }

  /// Three pages of two records each.
  private func page(_ cursor: String?) -> ScriptedConnector.Answer {
    let number = cursor.flatMap { Int($0) } ?? 0
    let records = (0..<2).map { #"{"id":"\#(number)-\#($0)","at":1}"# }.joined(separator: ",")
    return .success((records: "[\(records)]", next: number < 2 ? "\(number + 1)" : nil))
  }

  @Test("gathers what comes quickly into one batch")
  func gathers() async throws {
    let reading = try await reader(ScriptedConnector(page)).next()
    #expect((reading.batch.read, reading.batch.documents.count) == (6, 6))
    #expect((reading.batch.requests, reading.batch.pages.count) == (3, 3))
    guard case .last = reading.end else { throw Unexpected(end: reading.end) }
  }

  @Test("ends a batch that is old enough, and goes on from the cursor behind its last page")
  func age() async throws {
    let reader = try reader(ScriptedConnector(page), ManualClock(step: 1_000_000))
    var (read, cursors): ([Int], [String]) = ([], [])
    while true {
      let reading = await reader.next()
      read.append(reading.batch.read)
      guard case .more(let cursor) = reading.end else { break }
      cursors.append(cursor)
    }
    #expect(read == [2, 2, 2])
    #expect(cursors == ["1", "2"])
  }

  @Test("a page that fails leaves the pages before it, with the cursor at which it failed")
  func failure() async throws {
    let connector = ScriptedConnector { cursor in
      cursor == "2" ? .failure(SourceFailure(.unavailable, "Down.")) : page(cursor)
    }
    let reading = try await reader(connector).next()
    #expect(reading.batch.read == 4)
    guard case .failed(let failure, cursor: "2") = reading.end else {
      throw Unexpected(end: reading.end)
    }
    #expect(failure.kind == .unavailable)
  }

  @Test("told to yield, gives what it has and where to go on")
  func yields() async throws {
    let control = RunControl.any
    control.yield(because: "the worker is stopping")
    let reading = try await reader(ScriptedConnector(page), control: control).next()
    #expect(reading.batch.read == 2)
    guard case .more(cursor: "1") = reading.end else { throw Unexpected(end: reading.end) }
  }

  @Test("a page of which every record is rejected ends the batch: the definition does not fit")
  func refusedPage() async throws {
    let connector = ScriptedConnector { cursor in
      let records = (0..<10).map { #"{"id":"\#($0)"}"# }.joined(separator: ",")
      return .success((records: "[\(records)]", next: cursor == nil ? "1" : nil))
    }
    let reading = try await reader(connector).next()
    #expect(reading.batch.hasRefusedPage)
    #expect(reading.batch.rejected.count == 10)
    guard case .more(cursor: "1") = reading.end else { throw Unexpected(end: reading.end) }
  }
}

struct Unexpected: Error {
  let end: BatchReader.Reading.End
}
