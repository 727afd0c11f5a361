/// How sources are written that programs read.
extension ConnectorGuide {
  static let singer = ConnectorGuide(
    name: "singer", summary: "Runs a Singer tap, unchanged, one process for each partition.",
    settings: shared + [
      ("stream", "the stream's name at the tap; default the name here"),
      window,
      (
        "selection",
        "catalog, properties or none: how the tap is told which stream is wanted; default catalog"
      ),
      (
        "ending",
        "marked or exit: whether a whole read ends with a STATE behind the last record, or with code "
          + "0 alone; default marked"
      ),
    ],
    example: """
      {
        sources: {
          shop: {
            connector: "singer",
            command: ["/opt/tap-shop/bin/tap-shop"],
            config: {shop: "acme"},
            secrets: {api_key: "env:SHOP_KEY"},
            hosts: ["acme.shop.example"],
            concurrency: 2,
            streams: {
              orders: {
                key: "shop:order:{id}",
                event_time: "created_at",
                window: {from: "start_date", to: "end_date"},
              },
            },
          },
        },
      }
      """)

  static let airbyte = ConnectorGuide(
    name: "airbyte", summary: "Runs an Airbyte source, unchanged, one process for each partition.",
    settings: shared + [
      ("stream, namespace", "the stream's name in the source's catalogue; default the name here"),
      window,
      ("mode", "incremental or full_refresh; default incremental where the source can"),
      ("cursor_field", "the path of the field that the source goes by; default its own choice"),
      (
        "ending",
        "marked or exit: whether a whole read ends with the stream status COMPLETE, or with code 0 "
          + "alone, as of sources that know no status; default marked"
      ),
    ],
    example: """
      {
        sources: {
          shop: {
            connector: "airbyte",
            command: ["/opt/source-shop/bin/source-shop"],
            config: {shop: "acme", credentials: {auth_method: "api_password"}},
            secrets: {"credentials.api_password": "file:/run/secrets/shop"},
            hosts: ["acme.shop.example"],
            concurrency: 2,
            streams: {
              orders: {
                key: "shop:order:{id}",
                event_time: "updated_at",
                policy: "new_version",
                window: {from: "start_date", to: "end_date", format: "date", end: "inclusive"},
              },
            },
          },
        },
      }
      """)

  private static let window = (
    name: "window",
    meaning:
      "{from, to, format, end, zone, margin_seconds}: the keys of config that take the window; "
      + "format rfc3339, date, epoch_seconds, epoch_milliseconds or a pattern such as "
      + "%Y-%m-%d %H:%M, end inclusive where the last day is read too; without to a window is read "
      + "in one pass, as one partition"
  )

  /// What every program has.
  private static let shared: [(name: String, meaning: String)] = [
    ("command", "the program by its path, and its first arguments; no shell is involved (source)"),
    ("config", "its configuration, without secrets (source)"),
    ("secrets", "{place in config: env:NAME or file:/path} (source)"),
    ("environment", "the variables it sees beside PATH, HOME, TMPDIR, LANG and TZ (source)"),
    ("concurrency", "how many of its processes run at once: what can be bounded of it (source)"),
    (
      "network, hosts",
      "guarded, none or open; guarded: by HTTPS to public addresses, or to these hosts alone, as "
        + "api.shop.example, *.shop.example or host:port (source)"
    ),
    ("sandbox", "preferred, required or off: bubblewrap; default where it works (source)"),
    ("folders", "what it can read in its sandbox beside the system and its own (source)"),
    ("user", "as whom it runs; default nobody where this is root (source)"),
    (
      "limits",
      "memory_mb 4096, processes 1024, open_files 1024, file_mb 1024, idle_seconds 600, "
        + "whole_seconds 43200, grace_seconds 10 (source)"
    ),
  ]
}
