import JSON

/// A file of JSON5 that a person wrote.
struct AppliedFile {
  /// Its path; `-` stands for standard input.
  let path: String
  let world: World

  /// What it says; a fault of its grammar is told with line and column.
  func document() throws -> JSONValue {
    let bytes = try TextFile.bytes(of: path)
    do throws(JSONError) {
      return try JSONValue.parse(bytes, dialect: .json5)
    } catch {
      throw Failure(.usage, "\(path), \(error)")
    }
  }

  /// The directory from which relative paths in it are taken.
  var directory: String {
    guard path != "-", let slash = path.lastIndex(of: "/") else { return world.directory }
    let directory = path[..<slash]
    return directory.hasPrefix("/") || directory.isEmpty
      ? String(directory) : "\(world.directory)/\(directory)"
  }
}
