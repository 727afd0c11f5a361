import Domain
import Foundation
import HTTP

/// A source whose records a test can add, change and take away: pages of a window, a list of all, a
/// count and a sum.
///
/// `@unchecked Sendable`: what changes is guarded by `lock`.
final class LedgerAPI: @unchecked Sendable {
  /// One record.
  struct Entry: Sendable {
    var id: String
    var at: Instant
    var cents: Int
    var revision = 1

    var json: String {
      let amount = "\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
      return #"{"id":"\#(id)","at":"\#(at)","revision":\#(revision),"amount":"\#(amount)","#
        + #""currency":"EUR"}"#
    }
  }

  /// Records of a page.
  static let pageSize = 20

  private let lock = NSLock()
  private var entries: [Entry] = []
  private var paths: [String] = []
  private var held: (@Sendable (String) async -> Void)?
  private var server: Server?

  /// An API that listens on 127.0.0.1.
  init() throws {
    var configuration = ServerConfiguration()
    configuration.requestsPerConnection = 1_000_000
    server = try Server(configuration) { [unowned self] request in await answer(request) }
  }

  var address: String { "http://127.0.0.1:\(server?.port ?? 0)" }

  /// The paths that were asked for, in order.
  var asked: [String] { lock.withLock { paths } }

  /// Changes what there is.
  func change(_ body: (inout [Entry]) -> Void) {
    lock.withLock { body(&entries) }
  }

  /// Does something before each answer.
  func hold(_ body: (@Sendable (String) async -> Void)?) {
    lock.withLock { held = body }
  }

  /// Listens no more.
  func close() async {
    await server?.stop(within: .zero)
  }

  private func answer(_ request: Request) async -> Response {
    let target = request.target
    let path = target.segments.joined(separator: "/")
    let hold = lock.withLock {
      paths.append(path)
      return held
    }
    await hold?(path)
    let all = lock.withLock { entries }
    let after = target.value("after").flatMap { Int($0) } ?? 0
    switch path {
    case "entries":
      guard let from = target.value("from").flatMap({ Instant($0) }),
        let to = target.value("to").flatMap({ Instant($0) })
      else { return .text(400, "A window is needed.") }
      return page(of: all.filter { from <= $0.at && $0.at < to }, after)
    case "all": return page(of: all.reversed(), after)
    case "count":
      guard let from = target.value("from").flatMap({ Instant($0) }),
        let to = target.value("to").flatMap({ Instant($0) })
      else { return .text(400, "A window is needed.") }
      let inside = all.filter { from <= $0.at && $0.at < to }
      let cents = inside.reduce(0) { $0 + $1.cents }
      return .json(200, Array(#"{"count":\#(inside.count),"cents":\#(cents)}"#.utf8))
    default: return .text(404, "There is no such list.")
    }
  }

  private func page(of entries: [Entry], _ after: Int) -> Response {
    let end = min(after + Self.pageSize, entries.count)
    let records = entries[min(after, end)..<end].map(\.json).joined(separator: ",")
    let next = end < entries.count ? #""\#(end)""# : "null"
    return .json(200, Array(#"{"data":[\#(records)],"next":\#(next)}"#.utf8))
  }
}
