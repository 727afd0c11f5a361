import Domain
import Foundation
import HTTP

/// A source on this machine that answers from `Goods`, or as a test says, and remembers every
/// request.
///
/// `@unchecked Sendable`: what changes is guarded by `lock`.
final class FakeSource: @unchecked Sendable {
  /// A request as it came.
  struct Asked: Sendable {
    /// When.
    var at: ContinuousClock.Instant
    /// The source's name, the first part of the path.
    var source: String
    /// The day, counted from 1970.
    var day: Int
    /// The page of the day.
    var page: Int
    /// How often this page was asked for, this time included.
    var time: Int
  }

  /// Answers a request otherwise than with its page; nil for the page.
  typealias Rule = @Sendable (Asked) async -> Response?

  let goods: Goods
  private let lock = NSLock()
  private var log: [Asked] = []
  private var times: [String: Int] = [:]
  private var rule: Rule
  private var sold = 1
  private var server: Server?

  /// A source that listens on 127.0.0.1.
  init(_ goods: Goods = Goods(), rule: @escaping Rule = { _ in nil }) throws {
    self.goods = goods
    self.rule = rule
    var configuration = ServerConfiguration()
    configuration.requestsPerConnection = 1_000_000
    server = try Server(configuration) { [unowned self] request in await answer(request) }
  }

  /// Where it listens.
  var address: String { "http://127.0.0.1:\(server?.port ?? 0)" }
  /// The requests so far.
  var asked: [Asked] { lock.withLock { log } }
  /// How many requests there were so far.
  var count: Int { lock.withLock { log.count } }

  /// The revision of the records that it sells.
  var revision: Int {
    get { lock.withLock { sold } }
    set { lock.withLock { sold = newValue } }
  }

  /// Answers by another rule from now on.
  func answer(by rule: @escaping Rule) {
    lock.withLock { self.rule = rule }
  }

  /// Answers with its pages from now on.
  func mend() {
    answer { _ in nil }
  }

  /// Listens no more.
  func close() async {
    await server?.stop(within: .zero)
  }

  /// The page that belongs to a request.
  func page(_ asked: Asked) -> String {
    goods.page(asked.day, asked.page, revision: revision)
  }

  private func answer(_ request: Request) async -> Response {
    guard let from = request.target.value("from").flatMap({ CivilDate($0) }) else {
      return .text(400, "There is no day to answer for.")
    }
    let page = request.target.value("after").flatMap { Int($0) } ?? 0
    let (asked, rule) = note(request.target.segments[0], from.dayNumber, page)
    if let special = await rule(asked) { return special }
    return .json(200, Array(self.page(asked).utf8))
  }

  private func note(_ source: String, _ day: Int, _ page: Int) -> (Asked, Rule) {
    lock.withLock {
      let time = times["\(source) \(day) \(page)", default: 0] + 1
      times["\(source) \(day) \(page)"] = time
      let asked = Asked(at: .now, source: source, day: day, page: page, time: time)
      log.append(asked)
      return (asked, rule)
    }
  }
}
