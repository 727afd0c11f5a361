import Domain

/// The SQL that reads one window of a table or query, made of the definition alone.
///
/// COPY takes no parameters, so times and keys stand in the text: quoted, as names are.
struct TableQuery: Sendable {
  let specification: TableSpecification

  /// Asks for the types of the time column and the key columns, without reading a row.
  var types: String {
    let columns = [specification.timeColumn] + specification.keyColumns
    let types = columns.map {
      "pg_typeof((SELECT t.\(name($0)) FROM \(source) AS t LIMIT 0))::text"
    }
    return "SELECT ARRAY[\(types.joined(separator: ", "))]"
  }

  /// Reads the rows of a window as JSON, ordered by time and keys, from a position on.
  func copy(_ window: Window, from position: RowPosition?, _ types: TableTypes) -> String {
    let time = "t.\(name(specification.timeColumn))"
    let order = ([time] + specification.keyColumns.map { "t.\(name($0))" })
      .joined(separator: ", ")
    let bounds = bounds(of: window, types)
    var conditions = ["\(time) >= \(bounds.from)", "\(time) < \(bounds.to)"]
    if let position {
      let values = zip(position.values, [types.time] + types.keys)
        .map { "\(literal($0))::\($1)" }.joined(separator: ", ")
      conditions.append("(\(order)) > (\(values))")
    }
    return """
      COPY (SELECT row_to_json(t)::text FROM \(source) AS t \
      WHERE \(conditions.joined(separator: " AND ")) ORDER BY \(order)) \
      TO STDOUT (FORMAT binary)
      """
  }

  /// The bounds in the form of the column, so that an index on it can be used.
  ///
  /// Which hour of the wall clock is meant where it is set back, and what a date is in another
  /// zone, only the reader of times knows: there the bounds go days beyond, and rows are looked at
  /// one by one. The same for fractions of a count.
  private func bounds(of window: Window, _ types: TableTypes) -> (from: String, to: String) {
    let (from, to) = (literal("\(window.from)"), literal("\(window.to)"))
    switch types.clock {
    case .instants: return ("\(from)::timestamptz", "\(to)::timestamptz")
    case .wallClock:
      return (
        "(\(from)::timestamptz AT TIME ZONE 'UTC' - interval '2 days')::\(types.time)",
        "(\(to)::timestamptz AT TIME ZONE 'UTC' + interval '2 days')::\(types.time)"
      )
    case .count(let unit):
      let (first, last) = (window.from.microseconds, window.to.microseconds)
      // Rounded outwards: towards the past, and up.
      let end = last % unit == 0 ? last / unit : last / unit + 1
      return ("\(first / unit - (first % unit < 0 ? 1 : 0))", "\(end)")
    }
  }

  private var source: String {
    switch specification.rows {
    case .table(let parts): parts.map(name).joined(separator: ".")
    // The line end closes a comment at the query's end.
    case .query(let text): "(\(text)\n)"
    }
  }

  private func name(_ name: String) -> String {
    "\"\(name.replacing("\"", with: "\"\""))\""
  }

  private func literal(_ text: String) -> String {
    "'\(text.replacing("'", with: "''"))'"
  }
}
