import JSON

/// The first row of a CSV file: the names of its columns.
struct CSVHeader: Hashable, Sendable {
  /// The names, in order, each once.
  var names: [String]

  /// Which column a field of a record is, if any: a path of one key that is a column's name.
  func column(of field: JSONPath) -> Int? {
    // A name with a point in it is read as a path of several keys.
    let name = field.description
    return names.firstIndex(of: name)
  }

  /// The column of a field that must be one.
  func column(named field: JSONPath, of path: String) throws(FileFault) -> Int {
    guard let column = column(of: field) else {
      throw .noColumn(path: path, name: field.description, known: names)
    }
    return column
  }
}
