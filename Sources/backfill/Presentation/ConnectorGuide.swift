import Connectors

/// What people need to know of a connector to write a source for it.
struct ConnectorGuide {
  let name: String
  /// What it reads, in one sentence.
  let summary: String
  /// What its settings mean, line by line.
  let settings: [(name: String, meaning: String)]
  /// A whole document that could be applied.
  let example: String

  private static let written = [rest, files, postgres, singer, airbyte, sample]

  /// All of them, in the order in which they are listed.
  static let all =
    written + manifests.filter { guide in !written.contains { $0.name == guide.name } }

  /// How far the connector was proved.
  var standing: ConnectorStanding {
    ConnectorFactory.kinds.first { $0.name == name }?.standing ?? .declared
  }

  /// What every stream has, whatever its connector.
  static let stream: [(name: String, meaning: String)] = [
    ("key", "the idempotency key of a record, from fields that identify it: shop:order:{id}"),
    (
      "event_time",
      "the field by which records belong to windows, or {field, format, zone}; formats: rfc3339, "
        + "epoch_seconds, epoch_milliseconds, local"
    ),
    ("version", "the field that orders two payloads of one key; format number or as event_time"),
    (
      "policy",
      "keep_first, new_version or reject; what becomes of a known key with another payload"
    ),
    ("exclude", "fields left out when two payloads are compared"),
    (
      "measures",
      "numbers worth summing: {amount: {field, currency, scale, negative}}; scale is the places that "
        + "cents are shifted by, or \"currency\" for the smallest units of each currency, or those that "
        + "differ, {ISK: 2}"
    ),
    ("time_zone", "the zone of days; default UTC"),
    ("step", "the length of a partition; default 1d"),
    ("tags", "words by which subscriptions choose streams"),
    ("reject_limit", "the share of rejected records above which a partition fails; default 0.05"),
    ("retry", "{attempts: 5, base: \"2s\"}: how often and after which least delay"),
  ]

  private static let rest = ConnectorGuide(
    name: "rest", summary: "Reads APIs over HTTP, page by page, as a manifest says.",
    settings: [
      ("base_url", "what all paths are appended to (source)"),
      (
        "auth",
        "{type: bearer, basic, api_key, oauth2_client, oauth2_refresh or hmac, …}; secrets as "
          + "env:NAME or file:/path (source)"
      ),
      ("headers, limits, parameters, errors", "for all streams (source)"),
      (
        "method, path, query, headers, body, graphql",
        "the request; {window.from}, {window.to}, {window.date}, {cursor}, {page_size}, {last_id}"
      ),
      ("records, has_more, total", "where they lie in an answer"),
      (
        "window",
        "{mode: server, from_only, client_filter, descending_feed or one_date, from, to, format, "
          + "grain, zone, order, settle_lag, retention, reread}"
      ),
      (
        "pagination",
        "{type: none, next_url, link_header, cursor, last_id, page, offset or graphql, path, "
          + "parameter, size, size_parameter, …}"
      ),
      ("cap", "{records, on_hit: split, seek_by_id or fail, id, smallest}"),
      ("errors", "what answers mean: [{when: {status, header, path, …}, do, wait, message}]"),
      ("and more", "every key, with default, unit and example: backfill connectors --keys"),
    ],
    example: """
      {
        sources: {
          shop: {
            connector: "rest",
            base_url: "https://api.shop.example/v2",
            auth: {type: "bearer", token: "env:SHOP_TOKEN"},
            concurrency: 4,
            streams: {
              orders: {
                key: "shop:order:{id}",
                event_time: "created_at",
                path: "/orders",
                query: {created_from: "{window.from}", created_to: "{window.to}"},
                records: "data",
                window: {from: "gte", to: "lt", format: "rfc3339"},
                pagination: {type: "cursor", path: "next", parameter: "cursor", size: 100,
                  size_parameter: "limit"},
                measures: {amount: {field: "total", currency: {field: "currency"}}},
              },
            },
          },
        },
      }
      """)

  private static let files = ConnectorGuide(
    name: "files", summary: "Reads NDJSON and CSV files, each also packed with gzip.",
    settings: [
      ("path", "the file, relative to the document; *, ? and […] stand for several"),
      ("format", "csv or ndjson, where the name does not tell"),
      ("delimiter", "what parts the columns of csv; default a comma"),
    ],
    example: """
      {
        sources: {
          shop: {
            connector: "files",
            streams: {
              orders: {
                path: "exports/orders-*.csv.gz",
                key: "shop:order:{order_id}",
                event_time: {field: "ordered_at", format: "local", zone: "Europe/Berlin"},
                measures: {amount: {field: "amount", currency: "EUR"}},
              },
            },
          },
        },
      }
      """)

  private static let postgres = ConnectorGuide(
    name: "postgres", summary: "Reads a table or query of a PostgreSQL database.",
    settings: [
      ("url", "postgresql://USER:PASSWORD@HOST/DATABASE, as env:NAME or file:/path (source)"),
      ("table", "the table or view, as name or schema.name"),
      ("query", "a query instead of a table"),
      ("event_time", "a column of timestamptz; of timestamp or date with format local and a zone"),
      ("key_columns", "the columns that tell rows of one time apart, such as the primary key"),
      ("statement_seconds", "the longest that the database may take for an answer; default 600"),
    ],
    example: """
      {
        sources: {
          erp: {
            connector: "postgres",
            url: "env:ERP_URL",
            streams: {
              orders: {
                table: "public.orders",
                key: "erp:order:{id}",
                event_time: "created_at",
                version: "updated_at",
                policy: "new_version",
                key_columns: ["id"],
                measures: {amount: {field: "amount", currency: {field: "currency"}}},
              },
            },
          },
        },
      }
      """)

  private static let sample = ConnectorGuide(
    name: "sample", summary: "Reads the bundled sample source; see backfill demo.",
    settings: [
      ("base_url", "where it listens (source)"),
      ("auth", "{type: bearer, token} (source)"),
    ],
    example: """
      {
        sources: {
          sample: {
            connector: "sample",
            base_url: "http://127.0.0.1:8080",
            auth: {type: "bearer", token: "env:SAMPLE_TOKEN"},
          },
        },
      }
      """)
}
