import Domain
import JSON
import Testing

@Suite struct ConfigurationTests {
  private func read(_ text: String) throws -> Configuration {
    try Configuration(
      try JSONValue.parse(text, dialect: .json5), connectors: ["rest", "files", "sample"])
  }

  private func faults(_ text: String) -> [String] {
    let faults = #expect(throws: Faults.self) { try read(text) }
    return faults?.faults.map(\.description) ?? []
  }

  @Test("a document with everything is read as it says")
  func readsEverything() throws {
    let configuration = try read(complete)
    #expect(configuration.warnings.isEmpty)
    #expect(configuration.manifests["acme"]?["base"] == "https://api.example.org")
    let shop = try #require(configuration.sources.first)
    #expect(shop.name == "shop")
    #expect(shop.connector == "files")
    #expect(shop.concurrency == 4)
    #expect(shop.settings == ["path": "data/*.csv", "token": "env:TOKEN"])
    let orders = try #require(shop.streams.first)
    let expected = StreamDefinition(
      name: "shop.orders", key: try KeyTemplate("shop:order:{order_id}"),
      eventTime: TimeField(path: JSONPath("ordered_at"), format: .local, zone: "Europe/Berlin"),
      version: .time(TimeField(path: JSONPath("meta.updated_at"))), policy: .newVersion,
      exclude: [JSONPath("fetched_at"), JSONPath("meta.etag")],
      measures: [
        MeasureDefinition(
          name: "amount", path: JSONPath("amount"), currency: .fixed("USD"), scale: 2),
        MeasureDefinition(
          name: "refund", path: JSONPath("refund.value"),
          currency: .field(JSONPath("refund.currency")),
          negative: true),
      ],
      timeZone: "Europe/Berlin", step: .weeks(1), tags: ["finance", "eu"], rejectLimit: 0.1,
      settings: ["path": "orders/*.csv"])
    #expect(orders == expected)
  }

  @Test("what is not said has its default")
  func hasDefaults() throws {
    let configuration = try read(
      """
      {sources: {shop: {connector: 'files', streams: {
        orders: {key: '{id}', event_time: 'created'},
        prices: {key: '{id}', event_time: {field: 'day', format: 'local'}, time_zone: 'Asia/Tokyo',
          version: {field: 'revision', format: 'number'}}}}}}
      """)
    let streams = configuration.sources[0].streams
    #expect(
      streams[0]
        == StreamDefinition(
          name: "shop.orders", key: try KeyTemplate("{id}"),
          eventTime: TimeField(path: JSONPath("created"))))
    #expect(streams[1].eventTime.zone == "Asia/Tokyo")
    #expect(streams[1].version == .number(JSONPath("revision")))
    #expect(streams[1].policy == .newVersion)
    #expect(try read("{}") == read("{sources: {}, connectors: {}}"))
    #expect(try read("{subscriptions: {}}") == read("{}"))
    #expect(try read("{subscriptions: {a: null, b: null}}").retiredSubscriptions == ["a", "b"])
  }

  @Test("subscriptions are read with their ways of delivery")
  func readsSubscriptions() throws {
    let subscriptions = try read(complete).subscriptions
    #expect(subscriptions.map(\.name) == ["finance", "ops", "team"])
    #expect(
      subscriptions[0]
        == SubscriptionDefinition(
          name: "finance",
          scope: Scope(sources: ["shop"], streams: ["shop.orders"], tags: ["finance"]),
          events: [.finished, .finishedWithFailures, .partitionFailed, .blocked],
          delivery: .webhook(url: .plain("https://example.org/hook"), secret: .environment("HOOK")))
    )
    #expect(subscriptions[1].delivery == .slack(url: .file("/run/secrets/slack")))
    #expect(
      subscriptions[2].delivery
        == .mail(
          Delivery.Mail(
            to: ["a@example.org"], from: "backfill@example.org",
            server: "smtps://mail.example.org:465",
            login: Delivery.Login(
              user: .secret(.environment("USER")), password: .environment("PASS")))))
  }

  @Test("all faults are told at once, each by its path")
  func tellsAllFaults() {
    let faults = faults(
      """
      {sources: {
        Shop: {connector: 'filez', concurrency: 0, streams: {
          'or-ders': {
            key: 'shop:{line}', event_time: {field: 'a..b', format: 'rfc3339', zone: 'Europe/Berlin'},
            version: {field: 'v', format: 'numbr'}, policy: 'keep', exclude: ['', 'x.'], step: '0d',
            time_zone: 'PST', tags: ['a', 'a', 'B'], reject_limit: 5,
            measures: {amount: {field: 'amount', currency: 'eur', scale: 40}, X: {}},
          },
          empty: {},
        }},
        none: {connector: 'rest', streams: {}},
        nothing: {connector: 'rest'},
      }, conectors: {}, connectors: {files: {}, 'a b': 3}}
      """)
    let name =
      "a name begins with a letter a to z, goes on with letters, digits and _, and has at most 63 characters"
    let stream = "sources.Shop.streams.or-ders"
    let expected = """
      connectors.a b: expected a b to be an object, got 3
      connectors.files: files is a connector of the program; choose another name
      connectors.a b: "a b" cannot be a name; \(name)
      sources.Shop: "Shop" cannot be a name; \(name)
      sources.Shop.concurrency: expected concurrency to be a whole number from 1 to 10000, got 0
      \(stream): "or-ders" cannot be a name; \(name)
      \(stream).time_zone: "PST" is not the name of a time zone; did you mean America/Los_Angeles?
      \(stream).event_time.zone: only times of the format local need a zone; rfc3339 has its own
      \(stream).event_time.field: "a..b" is no path to a field; write id, or data.id
      \(stream).version.format: expected format to be one of "epoch_seconds", "epoch_milliseconds", "rfc3339", "local", "number", got "numbr"; did you mean "number"?
      \(stream).key: The key "shop:{line}" cannot be used: {line} says where or when a record was read, which is another each time.
      \(stream).policy: expected policy to be one of "keep_first", "new_version", "reject", got "keep"
      \(stream).exclude[0]: expected exclude[0] to be a string that is not empty, got ""
      \(stream).exclude[1]: "x." is no path to a field; write id, or data.id
      \(stream).measures.amount.currency: expected a currency or unit of one to eight letters in upper case, such as EUR
      \(stream).measures.amount.scale: expected scale to be a whole number from 0 to 18, got 40
      \(stream).measures.X: "X" cannot be a name; \(name)
      \(stream).measures.X.field: expected field to be a string that is not empty, got nothing
      \(stream).measures.X.currency: expected currency to be given, got nothing
      \(stream).step: A step of 0d has no length; write 1d for a partition per day.
      \(stream).tags[1]: "a" stands there twice
      \(stream).tags[2]: "B" cannot be a name; \(name)
      \(stream).reject_limit: expected reject_limit to be a number from 0 to 1, got 5
      sources.Shop.streams.empty.event_time: expected event_time to be given, got nothing
      sources.Shop.streams.empty.key: expected key to be a string that is not empty, got nothing
      sources.Shop.connector: there is no connector "filez"; did you mean files?
      sources.none.streams: a source has at least one stream
      sources.nothing.streams: expected streams to be an object, got nothing
      unknown key "conectors"; did you mean "connectors"?
      """
    #expect(faults.joined(separator: "\n") == expected)
  }

  @Test(
    "subscriptions that cannot work are refused",
    arguments: [
      (
        "scope: {}",
        "subscriptions.a.scope: the scope is empty; name sources, streams or tags that it hears of"
      ),
      (
        "scope: {streams: ['orders']}",
        "subscriptions.a.scope.streams[0]: \"orders\" cannot be a stream; write source.stream, such as shop.orders"
      ),
      ("scope: {tag: ['x']}", "subscriptions.a.scope: unknown key \"tag\"; did you mean \"tags\"?"),
      ("events: []", "subscriptions.a.events: name at least one event, such as finished"),
      (
        "events: ['finish']",
        "subscriptions.a.events[0]: \"finish\" is not known; did you mean finished?"
      ),
      ("deliver: {}", "subscriptions.a.deliver: name one way of delivery: webhook, slack or mail"),
      (
        "deliver: {slack: {url: 'env:A'}, mail: {}}",
        "subscriptions.a.deliver: name one way of delivery: webhook, slack or mail"
      ),
      (
        "deliver: {slak: {}}",
        "subscriptions.a.deliver: unknown key \"slak\"; did you mean \"slack\"?"
      ),
      (
        "deliver: {slack: {url: 'env:1A'}}",
        "subscriptions.a.deliver.slack.url: \"env:1A\" does not say where the secret is; write env:NAME with letters, digits and _, or file: with a path from the root."
      ),
      (
        "deliver: {webhook: {url: 'https://u:p@h/', secret: 'env:A'}}",
        "subscriptions.a.deliver.webhook.url: expected an address such as https://example.org/hook, without user or password"
      ),
      (
        "deliver: {webhook: {url: 'ftp://h/', secret: 'env:A'}}",
        "subscriptions.a.deliver.webhook.url: expected an address such as https://example.org/hook, without user or password"
      ),
      (
        "deliver: {webhook: {url: 'https://h/'}}",
        "subscriptions.a.deliver.webhook.secret: expected secret to name a secret, as env:NAME or file:/path, got nothing"
      ),
      (
        "deliver: {mail: {to: ['a@b', 'c\\nBcc: d@e'], from: 'a@b', smtp: 'smtps://h:465'}}",
        "subscriptions.a.deliver.mail.to[1]: expected a mail address such as team@example.org, got \"c\u{FFFD}Bcc: d@e\""
      ),
      (
        "deliver: {mail: {to: [], from: 'a@b', smtp: 'smtps://h:465'}}",
        "subscriptions.a.deliver.mail.to: name at least one recipient"
      ),
      (
        "deliver: {mail: {to: ['a@b'], from: 'a@b', smtp: 'mail.example.org'}}",
        "subscriptions.a.deliver.mail.smtp: expected a server such as smtps://mail.example.org:465"
      ),
      (
        "deliver: {mail: {to: ['a@b'], from: 'a@b', smtp: 'smtp://h', user: 'x'}}",
        "subscriptions.a.deliver.mail.password: expected password to name a secret, as env:NAME or file:/path, got nothing"
      ),
    ])
  func refusesSubscriptions(part: String, fault: String) {
    let defaults = [
      "scope": "scope: {sources: ['shop']}", "events": "events: ['finished']",
      "deliver": "deliver: {slack: {url: 'env:A'}}",
    ]
    let parts = defaults.map { key, text in part.hasPrefix(key) ? part : text }
    let faults = faults("{subscriptions: {a: {\(parts.joined(separator: ", "))}}}")
    #expect(faults == [fault])
  }

  @Test(
    "a secret in the open is refused and never repeated",
    arguments: [
      "'whsec_canary'", "42424242", "['canary']", "{a: 'canary'}",
    ])
  func hidesSecrets(secret: String) {
    let faults = faults(
      """
      {subscriptions: {a: {scope: {tags: ['x']}, events: ['blocked'],
        deliver: {webhook: {url: 'https://h/', secret: \(secret)}}}}}
      """)
    #expect(faults.count == 1)
    #expect(
      faults.first?.hasPrefix(
        "subscriptions.a.deliver.webhook.secret: A secret is not written here") == true)
    #expect(!faults.joined().contains("canary") && !faults.joined().contains("4242"))
  }

  @Test("what is probably not meant is a warning and no fault")
  func warns() throws {
    let configuration = try read(
      """
      {sources: {shop: {connector: 'files', concurency: 3, streams: {
        orders: {key: '{id}', event_time: 'at', exlude: ['x'], tags: ['finance']}}}},
       subscriptions: {a: {scope: {sources: ['shop', 'stripe'], streams: ['shop.refunds'],
         tags: ['finanse']}, events: ['finished'], deliver: {slack: {url: 'env:A'}}}}}
      """)
    #expect(
      configuration.warnings.map(\.description) == [
        "sources.shop.concurency: concurency is left to the connector; did you mean concurrency?",
        "sources.shop.streams.orders.exlude: exlude is left to the connector; did you mean exclude?",
        "subscriptions.a.scope.sources[1]: this document has no source \"stripe\"",
        "subscriptions.a.scope.streams[0]: this document has no stream \"shop.refunds\"",
        "subscriptions.a.scope.tags[0]: this document has no stream with the tag \"finanse\"",
      ])
    #expect(configuration.sources[0].settings == ["concurency": 3])
  }

  @Test(
    "a document that is no object is refused as a whole", arguments: ["3", "[]", "null", "'a'"])
  func wantsAnObject(text: String) {
    #expect(faults(text).count == 1)
  }

  @Test(
    "a scope takes in a stream by its source, its name or one of its tags",
    arguments: [
      (Scope(sources: ["shop"]), true), (Scope(streams: ["shop.orders"]), true),
      (Scope(tags: ["eu", "x"]), true),
      (Scope(sources: ["sho", "shop.orders", "orders"]), false),
      (Scope(streams: ["shop.order", "orders"]), false),
      (Scope(tags: ["us"]), false), (Scope(), false),
    ])
  func scopes(scope: Scope, isIn: Bool) {
    #expect(scope.contains(stream: "shop.orders", tags: ["finance", "eu"]) == isIn)
  }

  private let complete = """
    {
      // A shop with files, and who hears of it.
      sources: { shop: { connector: "files", concurrency: 4, path: "data/*.csv", token: "env:TOKEN",
        streams: { orders: { key: "shop:order:{order_id}",
          event_time: {field: "ordered_at", format: "local", zone: "Europe/Berlin"},
          version: "meta.updated_at", policy: "new_version", exclude: ["fetched_at", "meta.etag"],
          step: "1w", time_zone: "Europe/Berlin", tags: ["finance", "eu"], reject_limit: 0.1,
          measures: {
            amount: {field: "amount", currency: "USD", scale: 2},
            refund: {field: "refund.value", currency: {field: "refund.currency"}, negative: true},
          },
          path: "orders/*.csv" } } } },
      connectors: { acme: { base: "https://api.example.org" } },
      subscriptions: {
        finance: { scope: {sources: ["shop"], streams: ["shop.orders"], tags: ["finance"]},
          events: ["finished", "finished_with_failures", "partition_failed", "blocked"],
          deliver: {webhook: {url: "https://example.org/hook", secret: "env:HOOK"}} },
        ops: { scope: {tags: ["eu"]}, events: ["blocked"],
          deliver: {slack: {url: "file:/run/secrets/slack"}} },
        team: { scope: {tags: ["eu"]}, events: ["finished"],
          deliver: {mail: {to: ["a@example.org"], from: "backfill@example.org",
            smtp: "smtps://mail.example.org:465", user: "env:USER", password: "env:PASS"}} },
      },
    }
    """
}
