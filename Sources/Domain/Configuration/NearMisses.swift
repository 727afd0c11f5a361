import JSON
import Spelling

/// Finds settings of connectors that look like shared keys misspelt.
///
/// They are no faults here, because only the connector knows its settings.
enum NearMisses {
  static func find(in document: JSONValue) -> [Fault] {
    members(document["sources"]).flatMap { name, source in
      find(in: source, path: "sources.\(name)", shared: SourceDefinition.sharedKeys)
        + members(source["streams"]).flatMap { stream, value in
          find(
            in: value, path: "sources.\(name).streams.\(stream)",
            shared: StreamDefinition.sharedKeys)
        }
    }
  }

  private static func find(in value: JSONValue, path: String, shared: [String]) -> [Fault] {
    let missing = shared.filter { value[$0] == nil }
    return members(value).compactMap { key, _ in
      guard !shared.contains(key), let meant = nearestName(to: key, among: missing) else {
        return nil
      }
      return Fault(
        path: "\(path).\(key)",
        message: "\(key) is left to the connector; did you mean \(meant)?")
    }
  }

  private static func members(_ value: JSONValue?) -> [(key: String, value: JSONValue)] {
    value?.object?.members ?? []
  }
}
