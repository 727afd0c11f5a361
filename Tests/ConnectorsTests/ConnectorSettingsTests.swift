import Connectors
import Domain
import JSON
import Testing

struct ConnectorSettingsTests {
  /// The faults of a REST stream in which one part is replaced.
  private func faults(source: String = "", stream: String) throws -> [String] {
    let definition = try shop(
      """
      {sources: {shop: {connector: "rest", \(source.isEmpty ? "base_url: \"https://a.test\"" : source),
        streams: {orders: {key: "order:{id}", event_time: "at", \(stream)}}}}}
      """)
    return ConnectorFactory.faults(in: definition).map(\.description)
  }

  private let path = #"path: "/o/{window.from}/{window.to}""#
  private let bounds = #"window: {from: "gte", to: "lt", format: "rfc3339"}"#
  private let paging = #"pagination: {type: "none"}"#

  @Test("a sound definition has no faults")
  func sound() throws {
    #expect(try faults(stream: "\(path), \(bounds), \(paging)") == [])
  }

  @Test("all faults are told at once, each by its path, unknown keys with the nearest name")
  func all() throws {
    let found = try faults(
      source:
        #"bse_url: "https://a.test", headers: {Host: "x"}, auth: {type: "bearer", token: "sk_live_1"}"#,
      stream: """
        path: "/o/{window.form}", recrods: "data", query: {a: "{"},
        window: {from: "gte", to: "lte", format: "rfc3339", zone: "Europe/Berln"},
        pagination: {type: "cursr", parametr: "x"}
        """)
    let place = "sources.shop.streams.orders"
    for expected in [
      "sources.shop.base_url: expected base_url to be a string that is not empty, got nothing",
      "sources.shop: unknown key \"bse_url\"; did you mean \"base_url\"?",
      "\(place).path: unknown field {window.form}; did you mean {window.from}?",
      "\(place): unknown key \"recrods\"; did you mean \"records\"?",
      "\(place).query.a: a { has no }; write {{ for a brace that is meant as text",
      "\(place).window.grain: expected grain to be given with gt and lte, got nothing",
      "\(place).pagination: unknown key \"parametr\"; did you mean \"parameter\"?",
    ] {
      #expect(
        found.contains { $0.hasPrefix(expected) }, "\(expected)\n\(found.joined(separator: "\n"))")
    }
    #expect(found.contains { $0.hasPrefix("\(place).window.zone") && $0.contains("Europe/Berlin") })
    #expect(
      found.contains { $0.hasPrefix("\(place).pagination.type") && $0.contains("\"cursor\"") })
    #expect(found.contains { $0.hasPrefix("sources.shop.auth.token") })
    #expect(!found.joined().contains("sk_live_1"))
  }

  @Test(
    "what does not fit together is refused",
    arguments: [
      (#"path: "/o", BOUNDS, PAGING"#, "expected {window.from} in path, query, headers or body"),
      (
        #"path: "/{window.from}", BOUNDS, PAGING"#,
        "expected {window.to} in path, query, headers or body"
      ),
      (#"PATH, BOUNDS, pagination: {type: "cursor", path: "n"}"#, "got neither"),
      (
        #"PATH, BOUNDS, query: {c: "{cursor}"}, pagination: {type: "page", parameter: "p"}"#,
        "got both"
      ),
      (
        #"PATH, BOUNDS, pagination: {type: "next_url", path: "n", parameter: "p"}"#,
        "expected neither"
      ),
      (#"PATH, BOUNDS, PAGING, body: {}"#, "expected no body with method GET"),
      (#"PATH, BOUNDS, method: "POST", pagination: {type: "link_header"}"#, "expected method GET"),
      (
        #"path: "/{cursor}{window.from}{window.to}", BOUNDS, pagination: {type: "cursor", path: "n"}"#,
        "expected no {cursor} in path"
      ),
      (#"PATH, BOUNDS, query: {n: "{page_size}"}, PAGING"#, "expected size to be given"),
      (
        #"PATH, PAGING, window: {from: "gte", to: "lt", format: "epoch_seconds", grain: "millisecond"}"#,
        "expected a grain that epoch_seconds can express"
      ),
      (
        #"PATH, PAGING, window: {from: "gte", to: "lt", format: "rfc3339", grain: "day"}"#,
        "expected a grain that rfc3339 can express"
      ),
      (
        #"PATH, BOUNDS, method: "POST", body: {a: [{b: "{x}"}]}, PAGING"#,
        "body.a[0].b: unknown field"
      ),
    ])
  func unfitting(stream: String, fault: String) throws {
    let text = stream.replacing("PATH", with: path).replacing("BOUNDS", with: bounds)
      .replacing("PAGING", with: paging)
    let found = try faults(stream: text)
    #expect(found.contains { $0.contains(fault) }, "\(found.joined(separator: "\n"))")
  }

  @Test(
    "an address that cannot be asked is refused",
    arguments: [
      "ftp://a.test", "a.test", "https://", "https://u:p@a.test", "https://a.test/?x=1",
      "https://a b",
    ])
  func addresses(address: String) throws {
    let found = try faults(
      source: #"base_url: "\#(address)""#, stream: "\(path), \(bounds), \(paging)")
    #expect(found.contains { $0.hasPrefix("sources.shop.base_url: expected base_url to") })
    #expect(!found.joined().contains("u:p"))
  }

  private func fileFaults(_ stream: String) throws -> [String] {
    let definition = try shop(
      """
      {sources: {shop: {connector: "files", streams: {orders: {key: "order:{id}", event_time: "at",
        \(stream)}}}}}
      """, directory: "/data")
    return ConnectorFactory.faults(in: definition).map(\.description)
  }

  @Test("files need a path, and a format that its name tells or that is given")
  func files() throws {
    for sound in [
      #"path: "orders.csv""#, #"path: "/a/*.ndjson.gz""#, #"path: "x.jsonl""#,
      #"path: "x.txt", format: "csv", delimiter: ";""#, #"path: "x.csv", delimiter: "\t""#,
    ] {
      #expect(try fileFaults(sound) == [])
    }
    let place = "sources.shop.streams.orders"
    #expect(try fileFaults("").first?.hasPrefix("\(place).path: expected path to be") == true)
    #expect(try fileFaults(#"path: "x.txt""#).first?.hasPrefix("\(place).format") == true)
    #expect(
      try fileFaults(#"path: "x.csv", delimiter: "ab""#).first?.hasPrefix("\(place).delimiter")
        == true)
    #expect(
      try fileFaults(#"path: "x.ndjson", delimiter: ",""#).first?.hasPrefix("\(place).delimiter")
        == true)
    #expect(
      try fileFaults(#"path: "x.csv", delimitr: ",""#) == [
        "\(place): unknown key \"delimitr\"; did you mean \"delimiter\"?"
      ])
  }

  @Test("a source of files has no settings of its own")
  func fileSource() throws {
    let definition = try shop(
      """
      {sources: {shop: {connector: "files", base_url: "https://a.test", streams: {orders: {
        key: "order:{id}", event_time: "at", path: "x.csv"}}}}}
      """)
    #expect(
      ConnectorFactory.faults(in: definition).map(\.description) == [
        "sources.shop: unknown key \"base_url\""
      ])
  }

  @Test("a definition that cannot work makes no connector")
  func noConnector() throws {
    let definition = try shop(
      """
      {sources: {shop: {connector: "files", streams: {orders: {
        key: "order:{id}", event_time: "at", path: "x.txt"}}}}}
      """)
    let failure = #expect(throws: SourceFailure.self) { try connector(definition, try factory()) }
    #expect(failure?.kind == .misconfigured)
    #expect(failure?.message.contains("sources.shop.streams.orders.format") == true)
  }
}
