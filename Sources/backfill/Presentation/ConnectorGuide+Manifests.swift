import Connectors
import JSON

extension ConnectorGuide {
  /// The guides of the connectors that are manifests and need no words of their own.
  static let manifests = ConnectorFactory.kinds.compactMap { kind in
    kind.manifest.map { ConnectorGuide(kind, $0) }
  }

  private init(_ kind: ConnectorFactory.Kind, _ manifest: JSONValue) {
    let missing = ConnectorFactory.parameters(missingIn: manifest)
    let given = manifest["parameters"]?.object?.members ?? []
    var settings: [(name: String, meaning: String)] = [
      ("streams", (manifest["streams"]?.object?.members ?? []).map(\.key).joined(separator: ", ")),
      ("auth", manifest["auth"]?.encoded() ?? "none"),
    ]
    for name in missing { settings.append(("parameters.\(name)", "must be given")) }
    for (name, value) in given {
      settings.append(("parameters.\(name)", "default \(value.encoded())"))
    }
    settings.append(("and more", "every key of the manifest, here or in a stream, can be replaced"))
    self.init(
      name: kind.name, summary: "Reads \(kind.summary).", settings: settings,
      example: Self.example(kind.name, missing))
  }

  private static func example(_ name: String, _ parameters: [String]) -> String {
    let given = parameters.map { "\($0): \"…\"" }.joined(separator: ", ")
    let line = parameters.isEmpty ? "" : "\n      parameters: {\(given)},"
    return """
      {
        sources: {
          \(name): {
            connector: "\(name)",\(line)
          },
        },
      }
      """
  }
}

extension ConnectorStanding {
  /// The standing in a sentence.
  var sentence: String {
    switch self {
    case .certified(let proof): "Certified against \(proof)."
    case .declared: "Declared: it says what public documentation says, and has no tests of its own."
    }
  }
}
