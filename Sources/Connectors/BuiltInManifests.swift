import JSON

/// The manifests that come with the program, by the names under which sources name them as their
/// connector.
enum BuiltInManifests {
  static let all: [(name: String, manifest: JSONValue)] = [("sample", sample)]

  /// The API of the bundled sample source; the source says where it listens.
  private static let sample: JSONValue = [
    "streams": [
      "orders": [
        "key": "sample:order:{id}",
        "event_time": "created_at",
        "path": "/v1/orders",
        "query": ["created_from": "{window.from}", "created_to": "{window.to}"],
        "records": "data",
        "window": ["from": "gte", "to": "lt", "format": "rfc3339"],
        "pagination": [
          "type": "next_url", "path": "next", "size": 100, "size_parameter": "limit",
        ],
      ]
    ]
  ]
}
