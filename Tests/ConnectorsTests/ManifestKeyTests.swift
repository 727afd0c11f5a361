import Domain
import JSON
import Testing

@testable import Connectors

struct ManifestKeyTests {
  /// A source with a stream, sound but for what an example needs beside itself.
  private func source(_ key: ManifestKey) throws -> SourceDefinition {
    let inSource = key.place == .source ? key.example + "," : ""
    let inStream = key.place == .stream ? key.example + "," : ""
    let has = { (name: String) in key.example.hasPrefix("\(name):") }
    return try shop(
      """
      {sources: {shop: {connector: "rest", \(inSource)
        \(has("base_url") ? "" : #"base_url: "https://a.test","#)
        streams: {orders: {key: "o:{id}", event_time: "at", \(inStream)
          \(has("path") || has("export") ? "" : #"path: "/o","#)
          \(has("window") ? "" : #"window: {from: "gte", to: "lt", format: "rfc3339"},"#)
          \(has("pagination") || has("export") ? "" : #"pagination: {type: "none"},"#)}}}}}
      """)
  }

  @Test("every example is taken as it is written", arguments: ManifestKey.all.map(\.path))
  func examples(path: String) throws {
    for key in ManifestKey.all where key.path == path {
      let last = path.split(separator: ".").last.map { $0.replacing("[]", with: "") } ?? ""
      #expect(key.example.contains("\(last):"), "\(key.example)")
      let faults = ConnectorFactory.faults(in: try source(key)).map(\.description)
      // What a key needs elsewhere, in the query above all, its example leaves out.
      let own = faults.filter { !$0.contains("} in ") && !$0.contains("expected parameter, or") }
        .filter { !$0.contains("with method GET") && !$0.contains("is used") }
      #expect(
        own.filter { fault in
          ![
            "expected no {", "with a size, and not", "expected neither parameter", "of the parent",
            "{parent.id}",
          ]
          .contains { fault.contains($0) }
        } == [],
        "\(key.path): \(key.example)")
    }
  }

  @Test("every key that can be given is described, and every one described can be given")
  func complete() throws {
    var asked: Set<String> = []
    for key in ManifestKey.all {
      let source = try source(key)
      let faults = FaultCollector()
      ConnectorSettings.read(source, into: faults)
      asked.formUnion(faults.asked)
    }
    let known = Set(ManifestKey.all.map { "\($0.place.rawValue).\($0.path)" })
    let given = Set(asked.compactMap(Self.plain))
    #expect(given.subtracting(known).sorted() == [])
    #expect(known.subtracting(given).sorted() == [])
  }

  /// A path of a definition as the table writes it; nil for names that the writer chooses.
  private static func plain(_ path: String) -> String? {
    var plain = ""
    var rest = path[...]
    while let character = rest.popFirst() {
      plain.append(character)
      if character == "[" { rest = rest.drop { $0 != "]" } }
    }
    let stream = "sources.shop.streams.orders."
    let isStream = plain.hasPrefix(stream)
    guard isStream || plain.hasPrefix("sources.shop.") else { return nil }
    let own = isStream ? plain.dropFirst(stream.count) : plain.dropFirst("sources.shop.".count)
    let open = ["query", "headers", "parameters", "auth.parameters", "auth.headers"]
    guard !open.contains(where: { own.hasPrefix($0 + ".") }) else { return nil }
    // Rules of the source are those of streams.
    if !isStream, own.hasPrefix("errors[]") { return nil }
    // What verifies is described where it is.
    if isStream, own.hasPrefix("verify") { return nil }
    // A parent is asked for as a stream is, and so is an export.
    if isStream, own.hasPrefix("parent.") { return nil }
    let requests = ["method", "path", "query", "headers", "body", "body_type", "graphql"]
    for step in ["create", "poll", "cancel"] {
      let inside = requests.contains { own.hasPrefix("export.\(step).\($0)") }
      if isStream, inside { return nil }
    }
    return "\(isStream ? "stream" : "source").\(own)"
  }

  @Test("keys are described in whole sentences, each once")
  func wording() {
    for key in ManifestKey.all {
      #expect(key.meaning.hasSuffix("."), "\(key.path)")
      #expect(
        key.meaning.first?.isLowercase == false || key.meaning.hasPrefix("retry"), "\(key.path)")
    }
    let paths = ManifestKey.all.map { "\($0.place.rawValue).\($0.path)" }
    #expect(Set(paths).count == paths.count)
  }
}
