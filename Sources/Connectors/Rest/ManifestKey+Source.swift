extension ManifestKey {
  /// Every key of a manifest, those of the source before those of streams.
  public static let all = source + stream

  /// Optional without a value that would stand for it.
  private static let none = "none"

  private static let source: [ManifestKey] =
    [
      ManifestKey(
        .source, "base_url", "address", default: nil, "What all paths are appended to.",
        #"base_url: "https://api.shop.example/v2""#),
      ManifestKey(
        .source, "parameters", "object of texts", default: none,
        "What differs from account to account: {parameters.shop} stands for it anywhere in the source "
          + "and its streams, keys of records included. What a manifest gives here is a default.",
        #"parameters: {shop: "acme"}"#),
      ManifestKey(
        .source, "headers", "object of texts", default: none,
        "Headers of every request; no secrets.", #"headers: {"Api-Version": "2026-01"}"#),
      ManifestKey(
        .source, "errors", "list of rules", default: "[]",
        "What answers mean, for all streams; looked at after the stream's own. See errors of a stream.",
        #"errors: [{when: {status: 404}, do: "empty"}]"#),
    ] + auth + limits

  private static let auth: [ManifestKey] = [
    ManifestKey(
      .source, "auth", "object", default: none,
      "How the source is shown who asks. It goes to the host of base_url alone.",
      #"auth: {type: "bearer", token: "env:SHOP_TOKEN"}"#),
    ManifestKey(
      .source, "auth.type", "bearer, basic, api_key, oauth2_client, oauth2_refresh or hmac",
      default: nil, "The way.", #"auth: {type: "basic", user: "env:SHOP_KEY"}"#),
    ManifestKey(
      .source, "auth.token", "secret (bearer)", default: nil, "Sent as Authorization: Bearer.",
      #"auth: {type: "bearer", token: "file:/run/secrets/shop"}"#),
    ManifestKey(
      .source, "auth.user", "text or secret (basic)", default: nil, "The user, or a key.",
      #"auth: {type: "basic", user: "ann", password: "env:SHOP_PASSWORD"}"#),
    ManifestKey(
      .source, "auth.password", "secret (basic)", default: "empty", "The password.",
      #"auth: {type: "basic", user: "ann", password: "env:SHOP_PASSWORD"}"#),
    ManifestKey(
      .source, "auth.in", "header or query (api_key)", default: nil, "Where the key goes.",
      #"auth: {type: "api_key", in: "query", name: "api_key", key: "env:SHOP_KEY"}"#),
    ManifestKey(
      .source, "auth.name", "text (api_key)", default: nil, "The name of the header or item.",
      #"auth: {type: "api_key", in: "header", name: "X-Api-Key", key: "env:SHOP_KEY"}"#),
    ManifestKey(
      .source, "auth.key", "secret (api_key; hmac, where {key} is used)", default: nil, "The key.",
      #"auth: {type: "api_key", in: "header", name: "X-Api-Key", key: "env:SHOP_KEY"}"#),
    ManifestKey(
      .source, "auth.template", "text with {key} (api_key)", default: "{key}",
      "The words around the key.",
      #"auth: {type: "api_key", in: "header", name: "Authorization", key: "env:K", template: "Token {key}"}"#
    ),
    ManifestKey(
      .source, "auth.token_url", "address (oauth2)", default: nil, "Where tokens are asked for.",
      #"auth: {type: "oauth2_client", token_url: "https://shop.example/token", client_id: "env:ID", client_secret: "env:SECRET"}"#
    ),
    ManifestKey(
      .source, "auth.client_id", "text or secret (oauth2)", default: nil, "The client.",
      #"auth: {type: "oauth2_client", token_url: "https://shop.example/token", client_id: "me"}"#),
    ManifestKey(
      .source, "auth.client_secret", "secret (oauth2)", default: none, "The client's secret.",
      #"auth: {type: "oauth2_client", token_url: "https://shop.example/token", client_id: "me", client_secret: "env:SECRET"}"#
    ),
    ManifestKey(
      .source, "auth.client_in", "body or basic (oauth2)", default: "body",
      "Where client and secret go when a token is asked for.",
      #"auth: {type: "oauth2_client", token_url: "https://shop.example/token", client_id: "me", client_in: "basic"}"#
    ),
    ManifestKey(
      .source, "auth.parameters", "object of texts (oauth2)", default: none,
      "What else the request for a token holds.",
      #"auth: {type: "oauth2_client", token_url: "https://shop.example/token", client_id: "me", parameters: {scope: "read"}}"#
    ),
    ManifestKey(
      .source, "auth.refresh_token", "secret (oauth2_refresh)", default: nil,
      "The token that a person once allowed.",
      #"auth: {type: "oauth2_refresh", token_url: "https://shop.example/token", client_id: "me", refresh_token: "file:/run/secrets/refresh"}"#
    ),
    ManifestKey(
      .source, "auth.rotates", "true or false (oauth2_refresh)", default: "false",
      "Whether each use gives a new refresh token and ends the old. It is then written into the file "
        + "that refresh_token names, which all workers must share.",
      #"auth: {type: "oauth2_refresh", token_url: "https://shop.example/token", client_id: "me", refresh_token: "file:/run/secrets/refresh", rotates: true}"#
    ),
    ManifestKey(
      .source, "auth.secret", "secret (hmac)", default: nil, "What requests are signed with.",
      #"auth: {type: "hmac", secret: "env:S", message: "{timestamp}{method}{target}{body}", headers: {"X-Signature": "{signature}"}}"#
    ),
    ManifestKey(
      .source, "auth.message", "text with parts (hmac)", default: nil,
      "What is signed by HMAC-SHA256: {timestamp} (s), {method}, {path}, {target}, {body}, {key}.",
      #"auth: {type: "hmac", secret: "env:S", message: "{timestamp}.{body}", headers: {"X-Signature": "{signature}"}}"#
    ),
    ManifestKey(
      .source, "auth.headers", "object of texts with parts (hmac)", default: nil,
      "Where the signature goes, and what goes with it.",
      #"auth: {type: "hmac", secret: "env:S", message: "{target}", headers: {"X-Signature": "{signature}", "X-Time": "{timestamp}"}}"#
    ),
    ManifestKey(
      .source, "auth.encoding", "hex or base64 (hmac)", default: "hex",
      "How the signature is written.",
      #"auth: {type: "hmac", secret: "env:S", message: "{target}", headers: {"X-Signature": "{signature}"}, encoding: "base64"}"#
    ),
  ]

  private static let limits: [ManifestKey] = [
    ManifestKey(
      .source, "limits", "object", default: "as below", "Bounds on requests and partitions.",
      "limits: {whole_seconds: 300}"),
    ManifestKey(
      .source, "limits.connect_seconds", "seconds, 1 to 3600", default: "10",
      "Until a connection must stand.", "limits: {connect_seconds: 5}"),
    ManifestKey(
      .source, "limits.first_byte_seconds", "seconds, 1 to 3600", default: "30",
      "Until the first byte of an answer must have come.", "limits: {first_byte_seconds: 60}"),
    ManifestKey(
      .source, "limits.idle_seconds", "seconds, 1 to 3600", default: "15",
      "Between two pieces of an answer.", "limits: {idle_seconds: 30}"),
    ManifestKey(
      .source, "limits.whole_seconds", "seconds, 1 to 3600", default: "120",
      "Until an answer must be whole.", "limits: {whole_seconds: 300}"),
    ManifestKey(
      .source, "limits.page_bytes", "bytes, 1024 to 512 Mi", default: "67108864",
      "The largest page, unpacked.", "limits: {page_bytes: 134217728}"),
    ManifestKey(
      .source, "limits.pages_per_partition", "pages", default: "100000",
      "A source that gives more is taken to have no end.", "limits: {pages_per_partition: 500000}"),
  ]
}
