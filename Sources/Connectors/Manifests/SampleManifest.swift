extension BuiltInManifest {
  /// The API of the bundled sample source; the source that names it says where it listens.
  static let sample = BuiltInManifest(
    "sample", "the sample source that comes with the program",
    .certified(against: "the source itself, which knows what it holds"),
    #"""
    {
      auth: {type: "bearer", token: "env:BACKFILL_SAMPLE_TOKEN"},
      streams: {
        orders: {key: "sample:order:{id}", path: "/v1/orders", \#(stream)},
        refunds: {key: "sample:refund:{id}", path: "/v1/refunds", \#(stream)},
      },
    }
    """#)

  private static let stream = """
    event_time: "created_at", version: "updated_at", records: "data", has_more: "has_more",
          measures: {amount: {field: "amount", currency: {field: "currency"}}},
          query: {created_from: "{window.from}", created_to: "{window.to}"},
          window: {from: "gte", to: "lt", format: "rfc3339"},
          pagination: {type: "next_url", path: "next", size: 500, size_parameter: "limit"}
    """
}
