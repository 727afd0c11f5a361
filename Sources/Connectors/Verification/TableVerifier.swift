import Domain
import JSON
import Postgres

/// Asks a database for its own totals, and reads its rows once more in whatever order they lie.
struct TableVerifier: SourceVerifier {
  /// How far around a window rows are asked for: wall clocks of any zone lie within.
  private static let margin: Int64 = 3 * 86_400_000_000
  private static let pageBytes = 1 << 20

  let connector: TableConnector
  let measures: [MeasureDefinition]

  func totals(of window: Window) async throws(SourceFailure) -> TotalsAnswer {
    let reading = TableReading(connector: connector)
    do throws(SourceFailure) {
      let types = try await reading.open()
      // What a wall clock says of an instant only the reader of times knows.
      guard types.clock != .wallClock else {
        await reading.close()
        return TotalsAnswer(totals: nil, requests: 1)
      }
      let bounds = condition(window, types, margin: 0)
      let count = try await reading.values("SELECT NULL, count(*)::text FROM \(source) \(bounds)")
      var totals = SourceTotals(records: count.first?.amount.flatMap { Int64($0) })
      for measure in measures {
        for row in try await reading.values(sum(of: measure, bounds)) {
          if let sum = Self.sum(of: measure, row) { totals.sums.append(sum) }
        }
      }
      await reading.close()
      return TotalsAnswer(totals: totals, requests: 1)
    } catch {
      await reading.close()
      throw error
    }
  }

  /// Rows come in no order, so that a list that broke off begins anew; what was noted of it before
  /// is not noted twice.
  func list(
    _ request: PageRequest, _ take: @escaping @Sendable (Page) async -> Bool
  ) async throws(SourceFailure) {
    let reading = TableReading(connector: connector)
    do throws(SourceFailure) {
      let types = try await reading.open()
      let bounds = condition(request.window, types, margin: Self.margin)
      try await reading.begin(
        "COPY (SELECT row_to_json(t)::text FROM \(source) \(bounds)) TO STDOUT (FORMAT binary)")
      var pages = 0
      while true {
        let rows = try await reading.rows(after: [UInt8(ascii: "[")], upTo: Self.pageBytes)
        pages += 1
        var bytes = rows.bytes
        if bytes.count > 1 { bytes.removeLast() }
        bytes.append(UInt8(ascii: "]"))
        let page = Page(
          bytes: bytes, scan: try scan(bytes, request.fields), next: rows.isLast ? nil : "\(pages)",
          requests: pages == 1 ? 1 : 0)
        guard await take(page), !rows.isLast else { break }
      }
    } catch {
      await reading.close()
      throw error
    }
    await reading.close()
  }

  private func scan(_ bytes: [UInt8], _ fields: [JSONPath]) throws(SourceFailure) -> ScannedPage {
    let scanner = RecordScanner(records: JSONPath(keys: []), envelope: [], fields: fields)
    do throws(JSONError) {
      return try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in
        try scanner.scanDocument(UnsafeRawBufferPointer(bytes))
      }
    } catch {
      throw SourceFailure(.invalidPage, "\(connector.source) gave rows that are no JSON: \(error).")
    }
  }
}

// SQL
extension TableVerifier {
  private var source: String {
    switch connector.specification.rows {
    case .table(let parts): parts.map(Self.quoted).joined(separator: ".") + " AS t"
    case .query(let text): "(\(text)\n) AS t"
    }
  }

  private func condition(_ window: Window, _ types: TableTypes, margin: Int64) -> String {
    let column = "t.\(Self.quoted(connector.specification.timeColumn))"
    let first = window.from.adding(microseconds: -margin)
    let last = window.to.adding(microseconds: margin)
    switch types.clock {
    case .instants:
      return "WHERE \(column) >= '\(first)'::timestamptz AND \(column) < '\(last)'::timestamptz"
    case .wallClock:
      return "WHERE \(column) >= ('\(first)'::timestamptz AT TIME ZONE 'UTC') "
        + "AND \(column) < ('\(last)'::timestamptz AT TIME ZONE 'UTC')"
    case .count(let unit):
      return "WHERE \(column)::numeric * \(unit) >= \(first.microseconds) "
        + "AND \(column)::numeric * \(unit) < \(last.microseconds)"
    }
  }

  private func sum(of measure: MeasureDefinition, _ bounds: String) -> String {
    let amount = "sum(t.\(Self.quoted(measure.path.description))::text::numeric)::text"
    switch measure.currency {
    case .fixed(let code): return "SELECT '\(code)', \(amount) FROM \(source) \(bounds)"
    case .field(let path):
      let currency = "upper(t.\(Self.quoted(path.description))::text)"
      return "SELECT \(currency), \(amount) FROM \(source) \(bounds) GROUP BY 1"
    }
  }

  private static func sum(
    of measure: MeasureDefinition, _ row: (currency: String?, amount: String?)
  ) -> SourceTotals.Sum? {
    guard let currency = row.currency, let code = CurrencyCode(currency),
      let amount = row.amount.flatMap({ Amount($0) })?
        .shifted(by: measure.scale.places(for: code))
    else { return nil }
    return SourceTotals.Sum(
      measure: measure.name, currency: currency,
      amount: measure.negative ? amount.negated : amount)
  }

  private static func quoted(_ name: String) -> String {
    "\"\(name.replacing("\"", with: "\"\""))\""
  }
}
