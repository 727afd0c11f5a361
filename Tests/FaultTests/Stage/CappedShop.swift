import Connectors
import DatabaseFixtures
import Domain
import Foundation
import JSON

/// A source that gives so many records of one window and no more.
///
/// `@unchecked Sendable`: what changes is guarded by `lock`.
final class CappedShop: Connector, @unchecked Sendable {
  /// How it behaves when a window holds more.
  enum Manner: CaseIterable, Sendable {
    /// It gives what it gives, and refuses the page that would go beyond.
    case refuses
    /// It gives what it gives as if that were all, but says beside it how many there are.
    case cutsOff
  }

  /// Where its windows may be cut.
  let splitRule: SplitRule
  private let manner: Manner
  private let perPage: Int
  private let latency: Duration
  /// The seconds since 1970 at which something was sold, in ascending order.
  private let sales: [Int]
  private let lock = NSLock()
  private var cap: Int
  private var pages = 0

  /// A shop with sales at these seconds.
  init(
    _ sales: [Int], cap: Int, _ manner: Manner = .refuses, perPage: Int = 20,
    latency: Duration = .zero, rule: SplitRule = SplitRule()
  ) {
    self.sales = sales.sorted()
    self.cap = cap
    self.manner = manner
    self.perPage = perPage
    self.latency = latency
    splitRule = rule
  }

  /// Gives so many records of a window from now on.
  func lift(to cap: Int) {
    lock.withLock { self.cap = cap }
  }

  /// How many pages were asked for.
  var count: Int { lock.withLock { pages } }

  /// The keys of all records.
  var keys: [String] { sales.indices.map { "order:\($0)" } }

  func check() async throws(SourceFailure) {}

  func page(_ request: PageRequest) async throws(SourceFailure) -> Page {
    let cap = lock.withLock {
      pages += 1
      return self.cap
    }
    if latency > .zero { await pause(latency) }
    let held = sales.indices.filter {
      request.window.contains(Instant(microseconds: Int64(sales[$0]) * 1_000_000))
    }
    let first = request.cursor.flatMap { Int($0) } ?? 0
    let isTooLarge = manner == .refuses ? first > cap - perPage : held.count > cap
    guard !isTooLarge else {
      throw SourceFailure(
        .windowTooLarge, "The shop gives no more than \(cap) sales of one window.")
    }
    let last = min(held.count, first + perPage)
    let next = last < held.count ? String(last) : nil
    return try page(of: Array(held[min(first, last)..<last]), next: next, request.fields)
  }

  private func page(
    of sold: [Int], next: String?, _ fields: [JSONPath]
  ) throws(SourceFailure) -> Page {
    let records = sold.map { number in
      let at = Instant(microseconds: Int64(sales[number]) * 1_000_000)
      return #"{"id":\#(number),"at":"\#(at)","revision":1,"amount":"1.00","currency":"EUR"}"#
    }
    let bytes = Array("{\"data\":[\(records.joined(separator: ","))]}".utf8)
    let scanner = RecordScanner(records: JSONPath("data"), envelope: [], fields: fields)
    do {
      let scan = try bytes.withUnsafeBytes { try scanner.scanDocument($0) }
      return Page(bytes: bytes, scan: scan, next: next, requests: 1)
    } catch {
      throw SourceFailure(.invalidPage, "\(error)")
    }
  }
}

extension CappedShop {
  /// Sales on so many days from the first on: few at any time, and very many in a rush of some
  /// minutes of one day.
  static func sales(days: Int, quiet: Int, rush: Int, seed: UInt64) -> [Int] {
    var generator = SeededGenerator(seed: seed)
    let first = Stage.firstDay * 86_400
    let spread = (0..<quiet).map { _ in
      first + Int.random(in: 0..<days * 86_400, using: &generator)
    }
    let begin = first + Int.random(in: 0..<days * 86_400 - 600, using: &generator)
    return spread
      + (0..<rush).map { _ in begin + Int.random(in: 0..<600, using: &generator) }
  }
}
