import Connectors
import Domain
import JSON

/// What reading a stream in windows brought, as a worker reads it: patient where the source asks for
/// it, from the beginning where a partition must be, in halves where a window is too large.
struct Harvest {
  /// How often each key came, by key.
  private(set) var keys: [String: Int] = [:]
  /// How many records could not be taken.
  private(set) var rejected = 0
  /// How many windows had to be halved.
  private(set) var splits = 0
  /// How often the source asked for patience.
  private(set) var waits = 0
  /// The longest patience that it asked for, in microseconds.
  private(set) var longestWait: Int64 = 0
  /// How often a window was begun anew.
  private(set) var restarts = 0
  /// How many pages came.
  private(set) var pages = 0
  /// Why the reading ended before its end; nil where it did not.
  private(set) var failure: SourceFailure?
  /// The sums of the measures, by name and currency.
  private(set) var sums: [String: Amount] = [:]

  /// Reads one window after the other, until one fails.
  init(_ stream: StreamDefinition, by connector: any Connector, in windows: [Window]) async throws {
    var windows = Array(windows.reversed())
    while let window = windows.popLast() {
      do {
        try await read(window, of: stream, by: connector)
      } catch let failure as SourceFailure {
        guard failure.kind == .windowTooLarge, let middle = connector.splitRule.middle(of: window)
        else {
          self.failure = failure
          return
        }
        splits += 1
        windows += [
          Window(from: middle, to: window.to), Window(from: window.from, to: middle),
        ]
      }
    }
  }

  private mutating func read(
    _ window: Window, of stream: StreamDefinition, by connector: any Connector
  ) async throws {
    var evaluator = try RecordEvaluator(stream: stream, policy: stream.policy, window: window)
    var reader = connector.reader(of: window, fields: evaluator.fields)
    var batch = Batch()
    var cursor: String?
    var isOver = false
    var patience = 0
    while !isOver {
      do throws(SourceFailure) {
        let page = try await reader.page(at: cursor)
        batch.add(page.bytes, page.scan, requests: page.requests, by: &evaluator)
        pages += 1
        cursor = page.next
        isOver = page.next == nil
      } catch {
        await reader.close()
        reader = connector.reader(of: window, fields: evaluator.fields)
        switch error.kind {
        case .rateLimited where patience < 20:
          patience += 1
          waits += 1
          longestWait = max(longestWait, error.retryAfter ?? 0)
        case .endless where restarts < 3, .sourceChanged where restarts < 3:
          restarts += 1
          batch = Batch()
          cursor = nil
        default:
          throw error
        }
      }
    }
    await reader.close()
    take(batch, evaluator.measureNames)
  }

  private mutating func take(_ batch: Batch, _ measures: [String]) {
    for document in batch.documents {
      let range = Int(document.key.lowerBound)..<Int(document.key.upperBound)
      keys[String(decoding: batch.keys[range], as: UTF8.self), default: 0] += 1
    }
    rejected += batch.rejected.count
    for sum in batch.sums.sums {
      let name = "\(measures[sum.measure]) \(sum.currency)"
      sums[name] = (sums[name] ?? .zero).adding(sum.amount)
    }
  }
}

extension Harvest {
  /// What is wrong with it as the records of these keys, each once; empty where nothing is.
  func differences(from expected: Set<String>) -> [String] {
    let missing = expected.subtracting(keys.keys)
    let foreign = Set(keys.keys).subtracting(expected)
    let doubled = keys.filter { $0.value > 1 }
    var found: [String] = []
    if let failure { found.append("failed: \(failure.kind.rawValue): \(failure.message)") }
    if rejected > 0 { found.append("\(rejected) rejected") }
    for (word, keys) in [
      ("missing", missing), ("foreign", foreign), ("doubled", Set(doubled.keys)),
    ] where !keys.isEmpty {
      found.append("\(keys.count) \(word), such as \(keys.sorted().prefix(3))")
    }
    return found
  }
}

extension Window {
  /// The window in parts that follow each other, cut at random moments, whole seconds and others.
  func tiled(_ parts: Int, by random: inout Seeded) -> [Window] {
    let second: Int64 = 1_000_000
    let length = to.microseconds(since: from)
    var cuts = (1..<parts).map { _ in
      let cut = Int64.random(in: 1..<length, using: &random)
      return Bool.random(using: &random) ? cut : cut - cut % second
    }
    cuts = [0] + Set(cuts).subtracting([0]).sorted() + [length]
    return zip(cuts, cuts.dropFirst()).map {
      Window(from: from.adding(microseconds: $0), to: from.adding(microseconds: $1))
    }
  }
}
