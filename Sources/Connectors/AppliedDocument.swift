public import JSON

/// The applied document as it is before it is read: manifests are put into the sources that name
/// them, and paths of files are made absolute.
///
/// So a definition is whole by itself: what a backfill keeps of it needs no manifest beside it.
public enum AppliedDocument {
  /// The document with every source whole.
  ///
  /// Relative paths are taken from `directory`, that of the document. What cannot be understood is left as it is, to be refused by those who read it.
  public static func completed(_ document: JSONValue, directory: String) -> JSONValue {
    guard var root = document.object, var sources = document["sources"]?.object else {
      return document
    }
    for (name, source) in sources.members {
      var source = source
      if let manifest = manifest(named: source["connector"]?.string, in: document) {
        source = overlay(source, on: manifest)
      }
      if source["connector"]?.string == "files" {
        source = withAbsolutePaths(source, directory: directory)
      }
      sources[name] = Parameters.filled(source)
    }
    root["sources"] = .object(sources)
    return .object(root)
  }

  private static func manifest(named name: String?, in document: JSONValue) -> JSONValue? {
    guard let name else { return nil }
    if let given = document["connectors"]?[name] { return given }
    return BuiltInManifests.all.first { $0.name == name }?.manifest
  }

  /// What a source says itself wins over what its manifest says, member by member; of the streams
  /// it has those that it names, or all of the manifest where it names none.
  private static func overlay(_ source: JSONValue, on manifest: JSONValue) -> JSONValue {
    var whole = filled(source, from: manifest, except: "streams")
    if let given = source["parameters"], let standard = manifest["parameters"] {
      whole["parameters"] = .object(filled(given, from: standard, except: nil))
    }
    guard let streams = source["streams"]?.object else {
      whole["streams"] = manifest["streams"]
      return .object(whole)
    }
    var merged = streams
    for (name, stream) in streams.members {
      if stream.object != nil, let given = manifest["streams"]?[name] {
        merged[name] = .object(filled(stream, from: given, except: nil))
      }
    }
    whole["streams"] = .object(merged)
    return .object(whole)
  }

  private static func filled(
    _ value: JSONValue, from manifest: JSONValue, except key: String?
  ) -> JSONObject {
    var filled = value.object ?? JSONObject()
    for (name, given) in manifest.object?.members ?? [] where name != key && filled[name] == nil {
      filled[name] = given
    }
    return filled
  }

  private static func withAbsolutePaths(_ source: JSONValue, directory: String) -> JSONValue {
    guard var whole = source.object, var streams = source["streams"]?.object else { return source }
    for (name, stream) in streams.members {
      guard var object = stream.object, let path = object["path"]?.string, !path.isEmpty,
        !path.hasPrefix("/")
      else { continue }
      object["path"] = .string("\(directory)/\(path)")
      streams[name] = .object(object)
    }
    whole["streams"] = .object(streams)
    return .object(whole)
  }
}
