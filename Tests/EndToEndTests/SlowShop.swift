import Domain
import Glibc
import SampleSource

/// A shop on 127.0.0.1 that answers slowly enough for things to happen meanwhile.
struct SlowShop {
  let source: SampleSource
  let days: Int
  private let lastDay: SampleDay

  init(days: Int, ordersPerDay: Int = 40, latency: Duration, behaviours: [Int: DayBehaviour] = [:])
    throws
  {
    let lastDay = SampleDay(number: 20_500)
    var configuration = SampleConfiguration(lastDay: lastDay)
    configuration.days = days
    configuration.ordersPerDay = ordersPerDay
    configuration.latency = latency
    configuration.behaviours = behaviours
    configuration.token = "a token of the tests"
    source = try SampleSource(configuration, now: { 0 })
    self.lastDay = lastDay
    self.days = days
  }

  /// How many orders there are.
  var count: Int {
    allDays.reduce(0) { $0 + source.expected(.orders, on: $1).count }
  }

  /// The words that submit all of its days.
  var window: [String] {
    let first = SampleDay(number: lastDay.number - days + 1)
    return ["--from", first.description, "--to", SampleDay(number: lastDay.number + 1).description]
  }

  /// The document of the source, with small pages.
  var document: String {
    """
    {sources: {shop: {connector: "sample", base_url: "http://127.0.0.1:\(source.port)",
      auth: {type: "bearer", token: "env:SHOP_TOKEN"},
      streams: {orders: {
        retry: {attempts: 2, base: "50ms"},
        pagination: {type: "next_url", path: "next", size: 10, size_parameter: "limit"},
      }}}}}
    """
  }

  /// Where the token is found.
  static let variables = ["SHOP_TOKEN": "a token of the tests"]

  private var allDays: [SampleDay] {
    (0..<days).map { SampleDay(number: lastDay.number - $0) }
  }
}
