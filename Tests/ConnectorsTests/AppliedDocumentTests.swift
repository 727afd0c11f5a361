import Connectors
import Domain
import JSON
import Testing

struct AppliedDocumentTests {
  private let manifest = """
    connectors: {acme: {base_url: "https://api.acme.test", limits: {page_bytes: 5000},
      streams: {
        orders: {key: "acme:order:{id}", event_time: "created", path: "/o/{window.from}/{window.to}",
          window: {from: "gte", to: "lt", format: "rfc3339"}, pagination: {type: "none"}},
        refunds: {key: "acme:refund:{id}", event_time: "created", path: "/r/{window.from}/{window.to}",
          window: {from: "gte", to: "lt", format: "rfc3339"}, pagination: {type: "none"}},
      }}}
    """

  @Test("a source gets what its manifest says, and its own words win")
  func overlay() throws {
    let source = try shop(
      """
      {\(manifest), sources: {shop: {connector: "acme", limits: {page_bytes: 2000},
        streams: {orders: {event_time: "paid_at", tags: ["finance"]}}}}}
      """)
    #expect(ConnectorFactory.faults(in: source) == [])
    #expect(source.connector == "acme")
    #expect(source.settings["base_url"]?.string == "https://api.acme.test")
    #expect(source.settings["limits"]?["page_bytes"]?.int == 2000)
    #expect(source.streams.map(\.name) == ["shop.orders"])
    #expect(source.streams[0].eventTime.path == JSONPath("paid_at"))
    #expect(source.streams[0].key.description == "acme:order:{id}")
    #expect(source.streams[0].tags == ["finance"])
  }

  @Test("a source that names no streams has all of its manifest")
  func allStreams() throws {
    let source = try shop("{\(manifest), sources: {shop: {connector: \"acme\"}}}")
    #expect(source.streams.map(\.name) == ["shop.orders", "shop.refunds"])
    #expect(ConnectorFactory.faults(in: source) == [])
  }

  @Test("what is kept of a definition makes its connector again, without the manifest beside it")
  func wholeByItself() throws {
    let source = try shop("{\(manifest), sources: {shop: {connector: \"acme\"}}}")
    let kept = try SourceDefinition(json: source.json)
    #expect(kept == source)
    _ = try connector(kept, try factory())
  }

  @Test("the bundled sample needs only its address")
  func sample() throws {
    let source = try shop(
      #"{sources: {shop: {connector: "sample", base_url: "http://127.0.0.1:9"}}}"#)
    #expect(source.streams.map(\.name) == ["shop.orders", "shop.refunds"])
    #expect(ConnectorFactory.faults(in: source) == [])
  }

  @Test("paths of files are taken from the folder of the document")
  func paths() throws {
    let text = """
      {sources: {shop: {connector: "files", streams: {
        orders: {key: "o:{id}", event_time: "at", path: "data/*.csv"},
        refunds: {key: "r:{id}", event_time: "at", path: "/abs/r.csv"}}}}}
      """
    let source = try shop(text, directory: "/home/ann")
    #expect(
      source.streams.map { $0.settings["path"]?.string } == ["/home/ann/data/*.csv", "/abs/r.csv"])
  }

  @Test(
    "what cannot be understood is left to those who refuse it",
    arguments: [
      "[]", "{}", "{sources: 5}", "{sources: {shop: 5}}", "{sources: {shop: {connector: 5}}}",
      #"{sources: {shop: {connector: "none"}}}"#,
      #"{connectors: {acme: 7}, sources: {shop: {connector: "acme", streams: {orders: 3}}}}"#,
    ])
  func garbage(text: String) throws {
    let document = try JSONValue.parse(text, dialect: .json5)
    _ = AppliedDocument.completed(document, directory: "/")
    if text != "{}" {
      #expect(throws: Faults.self) {
        try Configuration(
          AppliedDocument.completed(document, directory: "/"),
          connectors: ConnectorFactory.connectors)
      }
    }
  }
}
