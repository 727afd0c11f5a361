import JSON

/// The streams that a program says it has.
struct ProcessCatalogue: Sendable {
  /// The document as the program wrote it.
  let document: JSONValue
  let dialect: ProcessSource.Dialect

  /// The names of the streams, as definitions name them.
  var names: [String] { streams.map { Self.name(of: $0, dialect) } }

  /// The streams, for people.
  var discovered: [DiscoveredStream] {
    streams.map { stream in
      DiscoveredStream(
        name: Self.name(of: stream, dialect), key: Self.key(of: stream, dialect),
        cursorField: Self.cursorField(of: stream, dialect),
        fields: (stream["json_schema"] ?? stream["schema"])?["properties"]?.object?.members
          .map(\.key) ?? [])
    }
  }

  private static func key(of stream: JSONValue, _ dialect: ProcessSource.Dialect) -> [String] {
    switch dialect {
    case .airbyte:
      let paths = stream["source_defined_primary_key"]?.array ?? []
      return paths.map { ($0.array ?? []).compactMap(\.string).joined(separator: ".") }
    case .singer:
      let keys = stream["key_properties"] ?? metadata(of: stream)?["table-key-properties"]
      return keys?.array?.compactMap(\.string) ?? []
    }
  }

  private static func cursorField(
    of stream: JSONValue, _ dialect: ProcessSource.Dialect
  ) -> String? {
    switch dialect {
    case .airbyte:
      let field = stream["default_cursor_field"]?.array?.compactMap(\.string) ?? []
      return field.isEmpty ? nil : field.joined(separator: ".")
    case .singer:
      let key = stream["replication_key"] ?? metadata(of: stream)?["replication-key"]
      return key?.string ?? metadata(of: stream)?["valid-replication-keys"]?.array?.first?.string
    }
  }

  /// What a Singer catalogue says of a stream as a whole.
  private static func metadata(of stream: JSONValue) -> JSONValue? {
    stream["metadata"]?.array?
      .first { $0["breadcrumb"]?.array?.isEmpty == true }?["metadata"]
  }

  /// What the program says of each stream.
  var streams: [JSONValue] { document["streams"]?.array ?? [] }

  /// What a program is told of the stream that is wanted; nil where it has none of this name.
  func selecting(_ stream: ProcessStream) -> JSONValue? {
    guard let found = streams.first(where: { isMeant($0, by: stream) }) else { return nil }
    switch dialect {
    case .airbyte: return Self.configured(found, for: stream)
    case .singer:
      var document = document.object ?? JSONObject()
      document["streams"] = .array(
        streams.map { Self.marked($0, isSelected: Self.name(of: $0, .singer) == stream.name) })
      return .object(document)
    }
  }

  private func isMeant(_ value: JSONValue, by stream: ProcessStream) -> Bool {
    guard Self.name(of: value, dialect) == stream.name else { return false }
    return stream.namespace == nil || value["namespace"]?.string == stream.namespace
  }

  private static func name(of stream: JSONValue, _ dialect: ProcessSource.Dialect) -> String {
    switch dialect {
    case .airbyte: stream["name"]?.string ?? ""
    // RECORD messages name the stream, the catalogue may call it otherwise.
    case .singer: stream["stream"]?.string ?? stream["tap_stream_id"]?.string ?? ""
    }
  }
}

// Airbyte
extension ProcessCatalogue {
  private static func configured(_ found: JSONValue, for stream: ProcessStream) -> JSONValue {
    let modes = found["supported_sync_modes"]?.array?.compactMap(\.string) ?? []
    let mode =
      stream.mode?.rawValue ?? (modes.contains("incremental") ? "incremental" : "full_refresh")
    var configured: JSONObject = [
      "stream": found, "sync_mode": .string(mode), "destination_sync_mode": "append",
    ]
    if let field = stream.cursorField.map({ JSONValue.array($0.map { .string($0) }) })
      ?? found["default_cursor_field"], field.array?.isEmpty == false
    {
      configured["cursor_field"] = field
    }
    if let key = found["source_defined_primary_key"], key.array?.isEmpty == false {
      configured["primary_key"] = key
    }
    return ["streams": .array([.object(configured)])]
  }
}

// Singer
extension ProcessCatalogue {
  /// The stream with its mark, both in the metadata and where older taps look for it.
  private static func marked(_ stream: JSONValue, isSelected: Bool) -> JSONValue {
    guard var object = stream.object else { return stream }
    object["selected"] = .bool(isSelected)
    if var schema = object["schema"]?.object {
      schema["selected"] = .bool(isSelected)
      object["schema"] = .object(schema)
    }
    var entries = object["metadata"]?.array ?? []
    if !entries.contains(where: { $0["breadcrumb"]?.array?.isEmpty == true }) {
      entries.append(["breadcrumb": [], "metadata": [:]])
    }
    object["metadata"] = .array(entries.map { marked(entry: $0, isSelected: isSelected) })
    return .object(object)
  }

  /// Every field that can be had is wanted: the document is what the source holds.
  private static func marked(entry: JSONValue, isSelected: Bool) -> JSONValue {
    guard var object = entry.object, var metadata = entry["metadata"]?.object,
      metadata["inclusion"]?.string != "unsupported"
    else { return entry }
    metadata["selected"] = .bool(isSelected)
    object["metadata"] = .object(metadata)
    return .object(object)
  }
}
