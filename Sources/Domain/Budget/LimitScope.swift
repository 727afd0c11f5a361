/// Which requests of a source a limit counts.
public enum LimitScope: Hashable, Sendable {
  /// All of them.
  case source
  /// Those of a method, nil for any, to paths of a pattern; `each` counts what stands for the
  /// pattern's stars by itself.
  case endpoint(method: String?, path: PathPattern, each: Bool)

  /// The bucket in which a request is counted; nil where it is not counted at all.
  public func bucket(ofMethod method: String, path: String) -> String? {
    switch self {
    case .source: return ""
    case .endpoint(let counted, let pattern, let each):
      guard counted == nil || counted == method, let stars = pattern.match(path) else { return nil }
      return each ? stars.joined(separator: "/") : ""
    }
  }
}

/// A pattern of paths: `*` stands for one segment, `**` at the end for any number of them.
public struct PathPattern: Hashable, Sendable {
  /// The pattern as it is written, such as `/v1/*`.
  public let text: String
  private let segments: [Substring]

  /// The pattern of a text; nil where that does not begin with a slash or goes on behind `**`.
  public init?(_ text: String) {
    let segments = Self.segments(of: text)
    guard text.hasPrefix("/"), !segments.dropLast().contains("**") else { return nil }
    self.text = text
    self.segments = segments
  }

  /// What stands for each `*`; nil where the path is not of the pattern.
  ///
  /// A query does not matter, nor a slash at the end.
  public func match(_ path: String) -> [String]? {
    let given = Self.segments(of: path.prefix { $0 != "?" })
    let fixed = segments.last == "**" ? segments.dropLast() : segments[...]
    guard given.count >= fixed.count, fixed.count < segments.count || given.count == fixed.count
    else { return nil }
    var stars: [String] = []
    for (pattern, segment) in zip(fixed, given) {
      if pattern == "*" {
        stars.append(String(segment))
      } else if pattern != segment {
        return nil
      }
    }
    return stars
  }

  private static func segments(of path: some StringProtocol) -> [Substring] {
    Substring(path).split(separator: "/")
  }
}
