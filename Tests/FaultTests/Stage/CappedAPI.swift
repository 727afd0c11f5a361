import Domain
import Foundation
import HTTP

/// A source on this machine that answers searches by second, and gives so many records of one search
/// and no more: asked for what lies behind, it refuses with a 400.
///
/// `@unchecked Sendable`: what changes is guarded by `lock`.
final class CappedAPI: @unchecked Sendable {
  /// How many records a page holds.
  static let perPage = 20

  private let sales: [Int]
  private let cap: Int
  private let tellsTotal: Bool
  private let latency: Duration
  private let lock = NSLock()
  private var requests = 0
  private var refusals = 0
  private var server: Server?

  /// A source with sales at these seconds since 1970.
  init(_ sales: [Int], cap: Int, tellsTotal: Bool, latency: Duration = .zero) throws {
    self.sales = sales.sorted()
    self.cap = cap
    self.tellsTotal = tellsTotal
    self.latency = latency
    var configuration = ServerConfiguration()
    configuration.requestsPerConnection = 1_000_000
    server = try Server(configuration) { [unowned self] request in await answer(request) }
  }

  /// Where it listens.
  var address: String { "http://127.0.0.1:\(server?.port ?? 0)" }
  /// How many requests there were so far.
  var count: Int { lock.withLock { requests } }
  /// How many of them were refused.
  var refused: Int { lock.withLock { refusals } }
  /// The keys of all records.
  var keys: [String] { sales.indices.map { "order:\($0)" } }

  /// Listens no more.
  func close() async {
    await server?.stop(within: .zero)
  }

  private func answer(_ request: Request) async -> Response {
    lock.withLock { requests += 1 }
    if latency > .zero { await pause(latency) }
    guard let from = request.target.value("from").flatMap({ Int($0) }),
      let to = request.target.value("to").flatMap({ Int($0) })
    else { return .text(400, "There is no window.") }
    let first = request.target.value("after").flatMap { Int($0) } ?? 0
    guard first + Self.perPage <= cap else {
      lock.withLock { refusals += 1 }
      return .text(400, "RESULTSET_TOO_LARGE")
    }
    let held = sales.indices.filter { from <= sales[$0] && sales[$0] < to }
    let last = min(held.count, first + Self.perPage)
    let records = held[min(first, last)..<last].map { number in
      let at = Instant(microseconds: Int64(sales[number]) * 1_000_000)
      return #"{"id":\#(number),"at":"\#(at)","revision":1,"amount":"1.00","currency":"EUR"}"#
    }
    let next = last < held.count ? #""\#(last)""# : "null"
    let total = tellsTotal ? #","total":\#(held.count)"# : ""
    return .json(
      200, Array(#"{"data":[\#(records.joined(separator: ","))],"next":\#(next)\#(total)}"#.utf8))
  }
}
