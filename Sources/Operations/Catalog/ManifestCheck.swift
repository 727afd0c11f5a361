import Connectors
import Domain
public import JSON

/// Finds all that is wrong with a document or a manifest, without applying it and without a database.
public enum ManifestCheck {
  /// The name under which a manifest is read that no source names.
  private static let probe = "checked"

  /// All faults, each by its path; relative paths in the document are taken from `directory`.
  ///
  /// A document that has neither sources, connectors nor subscriptions is a manifest by itself. Of a
  /// manifest that no source uses nobody has given the parameters yet, nor perhaps the address: that
  /// they are missing is no fault of it.
  public static func faults(in document: JSONValue, directory: String) -> [Fault] {
    guard document.object != nil else {
      return [Fault(path: "", message: "expected a document or a manifest, as an object")]
    }
    let isDocument = ["sources", "connectors", "subscriptions"].contains { document[$0] != nil }
    guard isDocument else { return faults(inManifest: document, path: "", directory) }
    var found: [Fault] = []
    do throws(Faults) {
      _ = try AppliedConfiguration(document, directory: directory)
    } catch {
      found = error.faults
    }
    let used = (document["sources"]?.object?.members ?? []).compactMap { $1["connector"]?.string }
    for (name, manifest) in document["connectors"]?.object?.members ?? []
    where !used.contains(name) && manifest.object != nil {
      found += faults(inManifest: manifest, path: "connectors.\(name)", directory)
    }
    return found
  }

  private static func faults(
    inManifest manifest: JSONValue, path: String, _ directory: String
  ) -> [Fault] {
    var source: JSONObject = ["connector": "manifest"]
    if manifest["base_url"] == nil { source["base_url"] = "https://source.example" }
    var given = JSONObject()
    for name in ConnectorFactory.parameters(missingIn: manifest) { given[name] = "x" }
    if !given.isEmpty { source["parameters"] = .object(given) }
    let document: JSONValue = [
      "connectors": ["manifest": manifest], "sources": .object([probe: .object(source)]),
    ]
    do throws(Faults) {
      _ = try AppliedConfiguration(document, directory: directory)
      return []
    } catch {
      return error.faults.map { Fault(path: Self.path($0.path, below: path), message: $0.message) }
    }
  }

  /// A path of the source that was made up, as it is in the manifest.
  private static func path(_ found: String, below path: String) -> String {
    let prefix = "sources.\(probe)"
    guard found.hasPrefix(prefix) else { return found }
    let own = found.dropFirst(prefix.count).drop { $0 == "." }
    return [path, String(own)].filter { !$0.isEmpty }.joined(separator: ".")
  }
}
