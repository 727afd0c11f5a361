import JSON

/// Finds what subscriptions name and the document does not have; it may have been applied before.
enum ScopeWarnings {
  static func find(in configuration: Configuration) -> [Fault] {
    let streams = configuration.sources.flatMap(\.streams)
    let known = Scope(
      sources: configuration.sources.map(\.name), streams: streams.map(\.name),
      tags: streams.flatMap(\.tags))
    return configuration.subscriptions.flatMap { subscription in
      let path = "subscriptions.\(subscription.name).scope"
      return missing(subscription.scope.sources, in: known.sources, "source", "\(path).sources")
        + missing(subscription.scope.streams, in: known.streams, "stream", "\(path).streams")
        + missing(subscription.scope.tags, in: known.tags, "stream with the tag", "\(path).tags")
    }
  }

  private static func missing(
    _ names: [String], in known: [String], _ what: String, _ path: String
  ) -> [Fault] {
    names.enumerated().filter { !known.contains($1) }.map { index, name in
      Fault(
        path: "\(path)[\(index)]", message: "this document has no \(what) \(Wording.quoted(name))")
    }
  }
}
