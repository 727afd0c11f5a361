import JSON

/// The first row of a CSV file: the names of its columns.
struct CSVHeader: Hashable, Sendable {
  /// The names, in order, each once.
  var names: [String]

  /// Which column, if any, a field of a record is: a path of one key that is a column's name.
  func column(of field: JSONPath) -> Int? {
    field.keys.count == 1 ? names.firstIndex(of: field.keys[0]) : nil
  }
}
