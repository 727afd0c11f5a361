extension ManifestKey {
  /// Optional without a value that would stand for it.
  private static let none = "none"

  static let stream = request + parent + export + window + pagination + cap + errors

  private static let parent: [ManifestKey] = [
    ManifestKey(
      .stream, "parent",
      "object: method, path, query, headers, body, body_type, graphql, format, "
        + "records, has_more, total, pagination, cap and errors, as of a stream", default: none,
      "The records that the stream is asked for one by one: {parent.id} stands in its request, and "
        + "parent.id among its fields. The window filters the parents, so that event_time must be a "
        + "field of theirs.",
      #"parent: {path: "/orders", query: {from: "{window.from}", to: "{window.to}"}, records: "data", pagination: {type: "none"}}"#
    )
  ]

  private static let request: [ManifestKey] = [
    ManifestKey(
      .stream, "path", "template", default: nil,
      "What is appended to base_url. Templates hold {window.from}, {window.to}, {window.date}, {cursor}, "
        + "{page_size} and {last_id}; {{ is a brace.",
      #"path: "/orders""#),
    ManifestKey(
      .stream, "method", "GET or POST", default: "GET, or POST with graphql", "The method.",
      #"method: "POST""#),
    ManifestKey(
      .stream, "query", "object of templates", default: none,
      "The query; an item whose template has no value (yet) is left out.",
      #"query: {created_from: "{window.from}", created_to: "{window.to}"}"#),
    ManifestKey(
      .stream, "headers", "object of templates", default: none, "Headers besides the source's.",
      #"headers: {"If-Modified-Since": "{window.from}"}"#),
    ManifestKey(
      .stream, "body", "any value whose texts are templates", default: none,
      "The body of a POST. A member without a value is left out, and an object of a list in which one "
        + "has none. {page_size:number} as a whole text gives a number.",
      #"body: {limit: "{page_size:number}", after: "{cursor}", filters: [{op: "GTE", value: "{window.from}"}]}"#
    ),
    ManifestKey(
      .stream, "body_type", "json or form", default: "json", "How the body is written.",
      #"body_type: "form""#),
    ManifestKey(
      .stream, "graphql", "object", default: none, "A body of GraphQL, instead of body.",
      ##"graphql: {query: "query($q: String, $c: String) { orders(query: $q, after: $c) { nodes { id } } }", variables: {q: "at:>='{window.from}'", c: "{cursor}"}}"##
    ),
    ManifestKey(
      .stream, "graphql.query", "text", default: nil, "The query; braces mean themselves.",
      #"graphql: {query: "{ orders { nodes { id } } }"}"#),
    ManifestKey(
      .stream, "graphql.variables", "object whose texts are templates", default: none,
      "The variables.",
      #"graphql: {query: "query($n: Int) { orders(first: $n) { nodes { id } } }", variables: {n: "{page_size:number}"}}"#
    ),
    ManifestKey(
      .stream, "format", "json, json_lines or csv", default: "json",
      "How the records of an answer are written. Columns of csv are texts.",
      #"format: "json_lines""#),
    ManifestKey(
      .stream, "delimiter", "one character (csv)", default: ",", "What parts the columns.",
      #"format: "csv", delimiter: ";""#),
    ManifestKey(
      .stream, "packing", "gzip or zip", default: none,
      "How the answer is packed, where that is not the transfer's doing (Content-Encoding is "
        + "understood by itself).",
      #"packing: "zip""#),
    ManifestKey(
      .stream, "records", "path", default: "the answer itself",
      "Where the records lie. A path may pass through arrays: data.orders.edges[].node, or "
        + "orders[].refunds, whose records see the order's fields as parent.id and so on.",
      #"records: "data.orders.edges[].node""#),
    ManifestKey(
      .stream, "has_more", "path", default: none, "Where an answer says whether there is more.",
      #"has_more: "has_more""#),
    ManifestKey(
      .stream, "total", "path", default: none,
      "Where an answer says how many records the query has. It ends counted paging, is held against "
        + "cap, and a query that ends with fewer is read again from its beginning.",
      #"total: "meta.total""#),
  ]

  /// An export in full, as its parts make sense only together.
  private static let exportExample =
    #"export: {create: {method: "POST", path: "/exports", body: {from: "{window.from}", to: "{window.to}"}, job: "id"}, "#
    + #"poll: {path: "/exports/{job}", state: "status", done: ["complete"], failed: ["error"], files: "files[].url"}, "#
    + #"cancel: {method: "POST", path: "/exports/{job}/cancel"}, hosts: ["*.storage.example"], interval: "10s", timeout: "30min"}"#

  private static let export: [ManifestKey] = [
    ManifestKey(
      .stream, "export", "object", default: none,
      "The source is made to write files: a job is begun, asked for until it is done, and its files "
        + "are read as format and records say. The job lies in the checkpoint. Instead of path and "
        + "pagination.", exportExample),
    ManifestKey(
      .stream, "export.create",
      "object: method, path, query, headers, body, body_type, graphql, job",
      default: nil, "The request that begins a job.", exportExample),
    ManifestKey(
      .stream, "export.create.job", "path", default: nil, "Where its answer names the job.",
      exportExample),
    ManifestKey(
      .stream, "export.poll", "object: a request, state, done, failed, files", default: nil,
      "The request that asks how {job} stands.", exportExample),
    ManifestKey(
      .stream, "export.poll.state", "path", default: nil, "Where its answer says that.",
      exportExample),
    ManifestKey(
      .stream, "export.poll.done", "list of texts", default: nil,
      "The states in which there are files; no file then means no records.", exportExample),
    ManifestKey(
      .stream, "export.poll.failed", "list of texts", default: "[]",
      "The states in which there will be none: a new job is begun with the next attempt.",
      exportExample),
    ManifestKey(
      .stream, "export.poll.files", "path, may pass through lists", default: nil,
      "Where its answer has the files' addresses.", exportExample),
    ManifestKey(
      .stream, "export.cancel", "object: a request", default: none,
      "The request that ends a job that takes too long.", exportExample),
    ManifestKey(
      .stream, "export.hosts", "list of hosts, *.host for those below", default: "[]",
      "Where files may lie besides the source's own host, by https. Nobody is told there who asks.",
      exportExample),
    ManifestKey(
      .stream, "export.interval", "time: s or min, up to 60s", default: "5s",
      "Between two questions.", exportExample),
    ManifestKey(
      .stream, "export.timeout", "time: s, min, h or d", default: "1h",
      "How long a job may take; a new one is begun with the next attempt.", exportExample),
  ]

  private static let window: [ManifestKey] = [
    ManifestKey(
      .stream, "window", "object", default: nil, "How the source is asked for a stretch of time.",
      #"window: {from: "gte", to: "lt", format: "rfc3339"}"#),
    ManifestKey(
      .stream, "window.mode",
      "server, from_only, client_filter, descending_feed or one_date", default: "server",
      "What the source filters: both bounds; the first ({window.from}); nothing; nothing or the second "
        + "({window.to}), the newest first, so that reading ends at older records; one day at a time "
        + "({window.date}). What lies outside is always left out here as well.",
      #"window: {mode: "descending_feed"}"#),
    ManifestKey(
      .stream, "window.from", "gte or gt (server, from_only)", default: nil,
      "Whether the first bound is itself inside the source's filter.",
      #"window: {from: "gt", to: "lt", format: "rfc3339", grain: "second"}"#),
    ManifestKey(
      .stream, "window.to", "lt or lte (server, descending_feed)",
      default: "lt with descending_feed",
      "Whether the second bound is inside the source's filter.",
      #"window: {from: "gte", to: "lte", format: "date"}"#),
    ManifestKey(
      .stream, "window.format",
      "rfc3339, epoch_seconds, epoch_milliseconds, date, http, or a pattern of %Y %m %d %H %M %S %L %f %z",
      default: "date with one_date",
      "How bounds are written; %L are milliseconds, %f microseconds.",
      #"window: {from: "gte", to: "lt", format: "%Y%m%dT%H"}"#),
    ManifestKey(
      .stream, "window.grain", "microsecond, millisecond, second, minute, hour or day",
      default: "the finest of the format; must be given with gt and lte",
      "The finest step in which the source's filter tells times apart.",
      #"window: {from: "gte", to: "lte", format: "rfc3339", grain: "second"}"#),
    ManifestKey(
      .stream, "window.zone", "IANA zone", default: "UTC", "The zone in which bounds are written.",
      #"window: {from: "gte", to: "lte", format: "date", zone: "Europe/Berlin"}"#),
    ManifestKey(
      .stream, "window.order", "ascending, descending or none",
      default: "none; descending with descending_feed",
      "In which order records come, where the source does not filter both bounds: reading ends once a "
        + "whole page lies beyond the window.",
      #"window: {mode: "from_only", from: "gte", format: "rfc3339", order: "ascending"}"#),
    ManifestKey(
      .stream, "window.settle_lag", "time: s, min, h or d", default: "none",
      "How late records may still come up: what is younger is not planned, and the plan says so.",
      #"window: {from: "gte", to: "lt", format: "rfc3339", settle_lag: "2h"}"#),
    ManifestKey(
      .stream, "window.retention", "time: s, min, h or d", default: "none",
      "How long the source keeps records: a submit of what is older is warned of.",
      #"window: {from: "gte", to: "lt", format: "rfc3339", retention: "30d"}"#),
    ManifestKey(
      .stream, "window.reread", "time: s, min, h or d", default: "none",
      "For how long the source still changes or adds records: so much is planned again by "
        + "--only missing.",
      #"window: {from: "gte", to: "lt", format: "rfc3339", reread: "7d"}"#),
  ]

  private static let pagination: [ManifestKey] = [
    ManifestKey(
      .stream, "pagination", "object", default: nil, "How pages follow each other.",
      #"pagination: {type: "none"}"#),
    ManifestKey(
      .stream, "pagination.type",
      "none, next_url, link_header, cursor, last_id, page, offset or graphql", default: nil,
      "How the next page is found.", #"pagination: {type: "link_header"}"#),
    ManifestKey(
      .stream, "pagination.path", "path (next_url, cursor, last_id, graphql)", default: nil,
      "Where the answer holds the URL or the cursor; in a record, the id (last_id); the pageInfo, whose "
        + "hasNextPage counts as well (graphql).",
      #"pagination: {type: "graphql", path: "data.orders.pageInfo"}"#),
    ManifestKey(
      .stream, "pagination.parameter", "text", default: "none: {cursor} in query or body",
      "The item of the query that takes the position.",
      #"pagination: {type: "last_id", path: "id", parameter: "starting_after"}"#),
    ManifestKey(
      .stream, "pagination.first", "0 or 1 (page, offset), text (cursor)",
      default: "1 (page), 0 (offset), none (cursor)", "The first position.",
      #"pagination: {type: "page", parameter: "page", first: 0}"#),
    ManifestKey(
      .stream, "pagination.replaces_query", "true or false", default: "false",
      "Whether a position may only be sent with the page size, and nothing else of query.",
      #"pagination: {type: "cursor", path: "next", parameter: "cursor", replaces_query: true}"#),
    ManifestKey(
      .stream, "pagination.size", "records", default: "the source decides",
      "How many records a page should hold.",
      #"pagination: {type: "cursor", path: "next", parameter: "cursor", size: 100, size_parameter: "limit"}"#
    ),
    ManifestKey(
      .stream, "pagination.size_parameter", "text", default: "none: {page_size}, or not sent",
      "The item of the query that takes the size.",
      #"pagination: {type: "page", parameter: "page", size: 100, size_parameter: "per_page"}"#),
    ManifestKey(
      .stream, "pagination.smallest_size", "records", default: "1",
      "How far shrink_page may go.",
      #"pagination: {type: "offset", parameter: "offset", size: 100, smallest_size: 10}"#),
    ManifestKey(
      .stream, "pagination.short_page_ends", "true or false", default: "false",
      "Whether a page with fewer records than size is the last. Else counted pages end with an empty "
        + "one, as sources cut the size that is asked for.",
      #"pagination: {type: "page", parameter: "page", size: 100, short_page_ends: true}"#),
    ManifestKey(
      .stream, "pagination.total_pages", "path (page)", default: none,
      "Where an answer says how many pages there are.",
      #"pagination: {type: "page", parameter: "page", total_pages: "meta.pages"}"#),
  ]

  private static let cap: [ManifestKey] = [
    ManifestKey(
      .stream, "cap", "object", default: none,
      "How many records the source gives of one query, however many there are.",
      #"cap: {records: 10000, on_hit: "split"}"#),
    ManifestKey(
      .stream, "cap.records", "records", default: nil,
      "The most. With total, more than that is a hit; without, as many are, as nobody can know.",
      #"cap: {records: 10000, on_hit: "split"}"#),
    ManifestKey(
      .stream, "cap.on_hit", "split, seek_by_id or fail", default: nil,
      "Split the partition; begin anew behind the last id; or fail.",
      #"cap: {records: 10000, on_hit: "seek_by_id", id: "id"}"#),
    ManifestKey(
      .stream, "cap.id", "path in a record", default: none,
      "The id in whose order records come and behind which {last_id} asks. With split, it serves the "
        + "smallest window.",
      #"cap: {records: 10000, on_hit: "seek_by_id", id: "id"}"#),
    ManifestKey(
      .stream, "cap.smallest", "time: s, min, h or d", default: "the grain",
      "The shortest window that a split leaves.",
      #"cap: {records: 10000, on_hit: "split", smallest: "1min"}"#),
  ]

  private static let errors: [ManifestKey] = [
    ManifestKey(
      .stream, "errors", "list of rules", default: "[]",
      "What answers mean; the first rule that fits counts, then the source's, then the status: 429 is "
        + "rate_limited, 401 and 403 the credentials, 408, 425 and 5xx retry, other 4xx and 3xx fail.",
      #"errors: [{when: {path: "errors[].extensions.code", equals: "THROTTLED"}, do: "rate_limited", wait: {seconds: 2}}]"#
    ),
    ManifestKey(
      .stream, "errors[].when", "object", default: nil, "What must hold, all of it.",
      #"errors: [{when: {status: 404, contains: "no data"}, do: "empty"}]"#),
    ManifestKey(
      .stream, "errors[].when.status", "404, \"5xx\" or a list", default: "any, 200 included",
      "The status.", #"errors: [{when: {status: [502, "4xx"]}, do: "retry"}]"#),
    ManifestKey(
      .stream, "errors[].when.header", "name", default: none, "The header that is looked at.",
      #"errors: [{when: {status: 403, header: "X-Remaining", equals: 0}, do: "rate_limited"}]"#),
    ManifestKey(
      .stream, "errors[].when.path", "path, may pass through lists", default: none,
      "The part of the answer that is looked at; without equals or contains it must say something.",
      #"errors: [{when: {path: "error.code"}, do: "fail"}]"#),
    ManifestKey(
      .stream, "errors[].when.equals", "text, number, flag, or a list", default: none,
      "What it must be.",
      #"errors: [{when: {path: "error.code", equals: ["busy", 17]}, do: "retry"}]"#),
    ManifestKey(
      .stream, "errors[].when.contains", "text", default: none,
      "What must stand in it; without header and path, in the body.",
      #"errors: [{when: {status: 400, contains: "too many results"}, do: "split"}]"#),
    ManifestKey(
      .stream, "errors[].do",
      "retry, rate_limited, fail, skip, empty, split, shrink_page, restart or refresh_auth",
      default: nil,
      "retry costs an attempt and rate_limited none; empty is a page without records, and the last; "
        + "split makes two partitions; shrink_page asks for half as much; restart reads the partition "
        + "from its beginning; refresh_auth logs in again; skip goes on with the next parent.",
      #"errors: [{when: {status: 410}, do: "restart"}]"#),
    ManifestKey(
      .stream, "errors[].wait", "object", default: "Retry-After, where it is sent",
      "How long the source asks to wait: {header}, {path} or {seconds}.",
      #"errors: [{when: {status: 403}, do: "rate_limited", wait: {header: "X-RateLimit-Reset", as: "epoch_seconds"}}]"#
    ),
    ManifestKey(
      .stream, "errors[].wait.header", "name", default: none, "The header that says it.",
      #"errors: [{when: {status: 429}, do: "rate_limited", wait: {header: "X-Reset"}}]"#),
    ManifestKey(
      .stream, "errors[].wait.path", "path", default: none, "The part of the answer that says it.",
      #"errors: [{when: {status: 429}, do: "rate_limited", wait: {path: "retry_in"}}]"#),
    ManifestKey(
      .stream, "errors[].wait.seconds", "seconds, 0 to 86400", default: none, "Always so long.",
      #"errors: [{when: {status: 429}, do: "rate_limited", wait: {seconds: 60}}]"#),
    ManifestKey(
      .stream, "errors[].wait.as",
      "seconds, milliseconds, epoch_seconds, epoch_milliseconds or date", default: "seconds",
      "What the number means.",
      #"errors: [{when: {status: 429}, do: "rate_limited", wait: {header: "X-Reset", as: "milliseconds"}}]"#
    ),
    ManifestKey(
      .stream, "errors[].wait.at_most_seconds", "seconds, 1 to 86400", default: "86400",
      "What is not waited beyond.",
      #"errors: [{when: {status: 429}, do: "rate_limited", wait: {header: "X-Reset", at_most_seconds: 60}}]"#
    ),
    ManifestKey(
      .stream, "errors[].message", "text", default: "what the source says",
      "What people are told.",
      #"errors: [{when: {status: 403}, do: "fail", message: "the scope read_orders is missing"}]"#),
  ]
}
