import Connectors
import Domain
import JSON
import Outbound

/// The source `shop` of an applied document in JSON5.
func shop(_ text: String, directory: String = "/nowhere") throws -> SourceDefinition {
  let document = AppliedDocument.completed(
    try JSONValue.parse(text, dialect: .json5), directory: directory)
  let configuration = try Configuration(document, connectors: ConnectorFactory.connectors)
  guard let source = configuration.sources.first(where: { $0.name == "shop" }) else {
    throw NoSuchSource()
  }
  return source
}

struct NoSuchSource: Error {}

/// A factory whose clock stands still at a moment.
func factory(
  cache: String = "/nowhere/cache", secrets: [String: String] = [:],
  now: Instant = Instant(microseconds: 0)
) throws -> ConnectorFactory {
  ConnectorFactory(
    client: try HTTPClient(), secrets: SecretResolver(environment: secrets), cacheFolder: cache,
    host: ProgramHost(gate: nil, random: { 4 }, tell: { _ in }), now: { now })
}

/// The connector of the first stream of a source.
func connector(_ source: SourceDefinition, _ factory: ConnectorFactory) throws -> any Connector {
  guard let stream = source.streams.first else { throw NoSuchSource() }
  return try factory.connector(for: stream, of: source)
}

/// A window between two instants in RFC 3339.
func window(_ from: String, _ to: String) -> Window {
  Window(from: instant(from), to: instant(to))
}

/// An instant in RFC 3339, or the beginning of time for what is none.
func instant(_ text: String) -> Instant { Instant(text) ?? Instant(microseconds: .min) }

extension Page {
  /// The records, as text.
  var texts: [String] {
    scan.records.map { record in
      String(decoding: bytes[Int(record.start)..<Int(record.end)], as: UTF8.self)
    }
  }

  /// A field of every record that is sound, as text.
  func field(_ field: Int) -> [String?] {
    scan.records.indices.filter { scan.records[$0].flaw == nil }.map { record in
      bytes.withUnsafeBytes { scan.fields[record * scan.fieldCount + field].text(in: $0) }
    }
  }
}

extension Connector {
  /// All pages of a window, each from where the one before ended.
  func pages(_ window: Window, fields: [JSONPath]) async throws -> [Page] {
    var pages: [Page] = []
    var cursor: String?
    repeat {
      let page = try await page(PageRequest(window: window, cursor: cursor, fields: fields))
      pages.append(page)
      cursor = page.next
    } while cursor != nil
    return pages
  }
}
