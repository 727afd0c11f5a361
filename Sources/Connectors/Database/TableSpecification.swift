import Domain
import JSON

/// Which rows of a database a stream reads, and in what order.
struct TableSpecification: Hashable, Sendable {
  /// Where rows come from.
  enum Rows: Hashable, Sendable {
    /// A table or view, by the parts of its name.
    case table([String])
    /// A query of the database's own SQL.
    case query(String)
  }

  /// Where rows come from.
  var rows: Rows
  /// The column by which rows belong to windows; the stream's event time lies in it.
  var timeColumn: String
  /// The columns that tell rows of one time apart.
  var keyColumns: [String]
  /// How times are written in the records, which says what type the column must have.
  var timeFormat: TimeField.Format
  /// The longest that the database may take to begin or to go on with an answer, in seconds.
  var statementSeconds: Int
}

extension TableSpecification {
  /// What a stream's definition says of its rows; nil, with the faults noted, where it has any.
  static func read(_ reader: ObjectReader, eventTime: TimeField) -> TableSpecification? {
    let keys = reader.strings("key_columns")
    if keys.isEmpty {
      reader.fault(
        "key_columns",
        "expected key_columns to name the columns that tell rows of one time apart, "
          + "such as the primary key")
    }
    let seconds = reader.optionalInt("statement_seconds", in: 1...86_400) ?? 600
    guard eventTime.path.keys.count == 1, let column = eventTime.path.keys.first else {
      reader.fault("event_time", "expected event_time to be a column of its own")
      return nil
    }
    guard let rows = rows(reader) else { return nil }
    return TableSpecification(
      rows: rows, timeColumn: column, keyColumns: keys, timeFormat: eventTime.format,
      statementSeconds: seconds)
  }

  private static func rows(_ reader: ObjectReader) -> Rows? {
    let table = reader.optionalString("table")
    let query = reader.optionalString("query")
    switch (table, query) {
    case (let table?, nil):
      let parts = table.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      guard 1...2 ~= parts.count, !parts.contains("") else {
        reader.fault("table", "expected table to be a name or schema.name, got \"\(table)\"")
        return nil
      }
      return .table(parts)
    case (nil, let query?): return .query(query)
    case (nil, nil):
      reader.fault("table", "expected table or query to be given, got neither")
    case (_?, _?):
      reader.fault("query", "expected table or query, but not both")
    }
    return nil
  }
}
