public import Domain
public import Postgres
public import Stores

/// Compares the documents of two streams, as finance does by hand: orders with their charges.
public struct Comparison: Sendable {
  /// What is asked for.
  public struct Request: Sendable {
    /// The streams' full names.
    public var streams: (first: String, second: String)
    /// Where in the records of each lies what they are matched by.
    public var paths: (first: [String], second: [String])
    /// The measures to compare; nil for the only one of the stream, or the one named amount.
    public var measures: (first: String?, second: String?)
    /// What is compared.
    public var window: WindowRequest
    /// The zone of the dates; nil for the first stream's.
    public var timeZone: String?
    /// How many days a pair may lie apart.
    public var days: Int
    /// Who asks.
    public var requestedBy: String

    /// What is asked for.
    public init(
      streams: (first: String, second: String), paths: (first: [String], second: [String]),
      measures: (first: String?, second: String?), window: WindowRequest, timeZone: String?,
      days: Int, requestedBy: String
    ) {
      self.streams = streams
      self.paths = paths
      self.measures = measures
      self.window = window
      self.timeZone = timeZone
      self.days = days
      self.requestedBy = requestedBy
    }
  }

  /// How many pairs got which verdict, and by how much they are apart.
  public struct Summary: Sendable {
    /// The pairs by verdict; those that are plainly equal among them.
    public var counts: [ComparedPair.Verdict: Int64] = [:]
    /// By how much the second stream exceeds the first, by verdict and currency.
    public var gaps: [ComparedPair.Verdict: [String: Amount]] = [:]

    /// Whether every pair is equal.
    public var isEqual: Bool { counts.allSatisfy { $0.key == .equal || $0.value == 0 } }
  }

  private static let pageSize = 2_000

  private let catalog: CatalogStore
  private let store: ComparisonStore
  private let now: @Sendable () -> Instant

  /// Comparison of what lies in the store behind a pool.
  public init(pool: Pool, now: @escaping @Sendable () -> Instant) {
    catalog = CatalogStore(pool: pool)
    store = ComparisonStore(pool: pool)
    self.now = now
  }

  /// Compares, and gives the comparison.
  public func run(_ request: Request) async throws -> ComparisonRow {
    let first = try await side(
      request.streams.first, request.paths.first, request.measures.first)
    let second = try await side(
      request.streams.second, request.paths.second, request.measures.second)
    let zoneName = request.timeZone ?? first.definition.timeZone
    let zone = try Zone(zoneName)
    let window = try request.window.window(in: zone, zoneIsGiven: true, now: now())
    let id = try await store.compareStreams(
      ComparisonOrder(
        first: first.side, second: second.side, window: window, timeZone: zone.name,
        days: Int32(clamping: request.days), requestedBy: request.requestedBy))
    guard let row = try await store.findComparison(id) else {
      throw OperationFault.unknownComparison(id)
    }
    return row
  }

  /// A comparison that was made.
  public func find(_ id: Int64) async throws -> ComparisonRow {
    guard let row = try await store.findComparison(id) else {
      throw OperationFault.unknownComparison(id)
    }
    return row
  }

  /// Judges every pair that is not plainly equal, hands on those that are not equal at all, and sums
  /// up; never holds more than a page of them.
  public func judge(
    _ comparison: ComparisonRow, _ hand: (ComparedPair, ComparedPair.Verdict) throws -> Void
  ) async throws -> Summary {
    var summary = Summary()
    summary.counts[.equal] = comparison.equal
    var last: Int64 = 0
    while true {
      let page = try await store.listPairs(of: comparison, after: last, limit: Self.pageSize)
      guard let end = page.last else { return summary }
      last = end.number
      for (_, pair) in page {
        let verdict = pair.verdict(daysApart: Int(comparison.days))
        summary.counts[verdict, default: 0] += 1
        guard verdict != .equal else { continue }
        let known = summary.gaps[verdict]?[pair.currency] ?? .zero
        summary.gaps[verdict, default: [:]][pair.currency] =
          pair.gap.flatMap { known.adding($0) } ?? known
        try hand(pair, verdict)
      }
    }
  }

  private func side(
    _ name: String, _ path: [String], _ measure: String?
  ) async throws -> (side: ComparisonOrder.Side, definition: StreamDefinition) {
    guard let row = try await catalog.findStream(name) else {
      throw OperationFault.unknownStream(
        name, known: try await catalog.listStreams().map(\.name))
    }
    let definition = try BackfillDefinition(row).stream
    let names = definition.measures.map(\.name)
    let usual = names.count == 1 ? names.first : names.first { $0 == "amount" }
    guard let chosen = measure ?? usual, names.contains(chosen) else {
      throw OperationFault.unknownMeasure(measure, stream: name, known: names)
    }
    return (ComparisonOrder.Side(stream: row.id, path: path, measure: chosen), definition)
  }
}
