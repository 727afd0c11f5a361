import Glibc

/// Finds the files that a path with `*`, `?` and `[…]` names.
enum Glob {
  /// The paths, in the order of their bytes; throws where there is none.
  static func paths(matching pattern: String) throws(FileFault) -> [String] {
    // A name with brackets in it is first of all a name.
    if access(pattern, F_OK) == 0 { return [pattern] }
    var found = glob_t()
    defer { globfree(&found) }
    switch glob(pattern, GLOB_ERR | GLOB_NOSORT, nil, &found) {
    case 0: break
    case GLOB_NOMATCH: throw .missing(path: pattern)
    default:
      throw .unreadable(path: pattern, reason: "a folder on the way to it cannot be read")
    }
    let paths = (0..<Int(found.gl_pathc)).compactMap { index in
      found.gl_pathv[index].map { String(cString: $0) }
    }
    return paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
