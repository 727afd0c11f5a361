import JSON

/// The manifests that come with the program, by the names under which sources name them as their
/// connector.
enum BuiltInManifests {
  static let all: [(name: String, summary: String, manifest: JSONValue)] = [
    ("sample", "the sample source that comes with the program", sample)
  ]

  /// The API of the bundled sample source; the source that names it says where it listens.
  private static let sample: JSONValue = [
    "auth": ["type": "bearer", "token": "env:BACKFILL_SAMPLE_TOKEN"],
    "streams": [
      "orders": .object(sampleStream("orders", key: "sample:order:{id}")),
      "refunds": .object(sampleStream("refunds", key: "sample:refund:{id}")),
    ],
  ]

  private static func sampleStream(_ name: String, key: String) -> JSONObject {
    [
      "key": .string(key),
      "event_time": "created_at",
      "version": "updated_at",
      "measures": ["amount": ["field": "amount", "currency": ["field": "currency"]]],
      "path": .string("/v1/\(name)"),
      "query": ["created_from": "{window.from}", "created_to": "{window.to}"],
      "records": "data",
      "window": ["from": "gte", "to": "lt", "format": "rfc3339"],
      "has_more": "has_more",
      "pagination": ["type": "next_url", "path": "next", "size": 500, "size_parameter": "limit"],
    ]
  }
}
