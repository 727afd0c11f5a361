import Connectors
import Domain
import JSON
import Testing

/// What holds of every manifest that comes with the program.
struct BundledManifestTests {
  private static let names = ConnectorFactory.kinds.filter { $0.manifest != nil }.map(\.name)

  @Test("a bundled manifest is sound once its parameters are given", arguments: names)
  func sound(name: String) throws {
    let manifest = ConnectorFactory.kinds.first { $0.name == name }?.manifest ?? .null
    let missing = ConnectorFactory.parameters(missingIn: manifest)
    let given = missing.map { "\($0): \"EUR\"" }.joined(separator: ", ")
    let base = manifest["base_url"] == nil ? #"base_url: "http://127.0.0.1:1","# : ""
    let source = try shop(
      "{sources: {shop: {connector: \"\(name)\", \(base) parameters: {\(given)}}}}")
    #expect(ConnectorFactory.faults(in: source).map(\.description) == [])
    #expect(!source.streams.isEmpty)
  }

  @Test(
    "a certified source says what it was tried against, and how often it may be asked",
    arguments: ["stripe", "shopify", "shopify_rest", "klaviyo", "hubspot"])
  func certified(name: String) throws {
    let kind = try #require(ConnectorFactory.kinds.first { $0.name == name })
    #expect(kind.standing.word == "certified")
    #expect(kind.manifest?["budget"]?.array?.isEmpty == false)
    for (_, stream) in kind.manifest?["streams"]?.object?.members ?? [] {
      #expect(stream["window"]?["settle_lag"] != nil)
      #expect(stream["policy"] != nil || stream["version"] != nil)
    }
  }
}
