import Connectors
import Domain
import Glibc
import JSON
import Testing

@Suite struct SingerTests {
  private static let catalog = """
    {"streams":[{"tap_stream_id":"orders","stream":"orders","schema":{"properties":{}},\
    "metadata":[{"breadcrumb":[],"metadata":{}},\
    {"breadcrumb":["properties","id"],"metadata":{"inclusion":"available"}},\
    {"breadcrumb":["properties","x"],"metadata":{"inclusion":"unsupported"}}]},\
    {"tap_stream_id":"other","stream":"other","schema":{},"metadata":[]}]}
    """

  /// A tap that lists its streams, then does as the script says.
  private func tap(
    _ script: String, source: String = "", stream: String = "", secrets: [String: String] = [:]
  ) throws -> Tap {
    try Tap(
      """
      case "$*" in *--discover*) printf '%s' '\(Self.catalog)'; exit 0;; esac
      \(script)
      """, source: source, stream: stream, secrets: secrets)
  }

  private static func record(_ id: Int) -> String {
    #"{"type":"RECORD","stream":"orders","record":{"id":\#(id),"at":"2026-01-01T10:00:00Z"}}"#
  }

  @Test("records come as the bytes that the tap wrote, and end with its code 0 and STATE")
  func records() async throws {
    let tap = try tap(
      #"""
      echo '{"type":"SCHEMA","stream":"orders","schema":{},"key_properties":["id"]}'
      echo '{"type": "RECORD", "stream": "orders", "record": { "id": 1,  "amount": 1.10, "at": "x"}, "time_extracted": "y"}'
      echo '{"type":"RECORD","stream":"other","record":{"id":7}}'
      echo '{"type":"ACTIVATE_VERSION","stream":"orders","version":1}'
      echo '{"record":{"id":2},"stream":"\u006frders","type":"RECORD"}'
      echo '{"type":"STATE","value":{"bookmarks":{"orders":2}}}'
      """#)
    let told = try await tap.read()
    #expect(told.failure == nil)
    #expect(told.texts == [#"{ "id": 1,  "amount": 1.10, "at": "x"}"#, #"{"id":2}"#])
    #expect(told.cursors == [nil])
  }

  @Test("fields are sliced out of the records, also where a record lacks some")
  func fields() async throws {
    let tap = try tap(
      #"""
      echo '{"type":"RECORD","stream":"other","record":{"id":"no"}}'
      echo '{"type":"RECORD","stream":"orders","record":{"id":"a","customer":{"name":"Ü"}}}'
      echo '{"type":"RECORD","stream":"orders","record":{"customer":{"name":"b"}}}'
      echo '{"type":"STATE","value":{}}'
      """#)
    let fields = [JSONPath("id"), JSONPath("customer.name")]
    let reader = try tap.connector().reader(
      of: window("2026-01-01T00:00Z", "2026-01-02T00:00Z"), fields: fields)
    let page = try await reader.page(at: nil)
    #expect(page.field(0) == ["a", nil])
    #expect(page.field(1) == ["Ü", "b"])
    await reader.close()
  }

  @Test("the wanted stream is marked in the catalogue, all its fields that can be had with it")
  func selection() async throws {
    let tap = try tap(
      """
      cp "$(option --catalog)" $DIR/catalog
      echo '{"type":"STATE","value":{}}'
      """)
    #expect(try await tap.read().failure == nil)
    let streams = try JSONValue.parse(tap.text("catalog"))["streams"]?.array ?? []
    #expect(streams.map { $0["selected"]?.bool } == [true, false])
    let metadata = streams.first?["metadata"]?.array ?? []
    #expect(metadata.map { $0["metadata"]?["selected"]?.bool } == [true, true, nil])
    #expect(streams.last?["metadata"]?.array?.first?["metadata"]?["selected"]?.bool == false)
  }

  @Test("a stream that the tap does not have is refused with those that it has")
  func unknownStream() async throws {
    let told = try await tap("exit 0", stream: #"stream: "order","#).read()
    #expect(told.failure?.kind == .misconfigured)
    #expect(told.failure?.message == #"tap has no stream "order"; it has orders and other."#)
  }

  @Test("the window and the secrets are put into the configuration, which only the tap can read")
  func configuration() async throws {
    let tap = try tap(
      """
      cp "$(option --config)" $DIR/config
      stat -c '%a %U' "$(option --config)" > $DIR/mode
      echo "$ARGUMENTS" > $DIR/arguments; env > $DIR/environment; pwd > $DIR/folder
      echo '{"type":"STATE","value":{}}'
      """,
      source: #"config: {shop: "acme", auth: {user: "u"}}, environment: {EXTRA: "1"}, "#
        + #"network: "open", "#
        + #"secrets: {"auth.key": "env:KEY"},"#,
      stream: #"window: {from: "start_date", to: "range.end", margin_seconds: 60},"#,
      secrets: ["KEY": "s3cret-canary"])
    #expect(try await tap.read().failure == nil)
    let config = try JSONValue.parse(tap.text("config"))
    #expect(
      config == [
        "shop": "acme", "auth": ["user": "u", "key": "s3cret-canary"],
        "start_date": "2025-12-31T23:59:00Z", "range": ["end": "2026-01-02T00:01:00Z"],
      ])
    #expect(tap.text("mode").hasPrefix("600 "))
    #expect(!tap.text("arguments").contains("canary"))
    let variables = tap.text("environment").split(separator: "\n").map {
      $0.split(separator: "=").first ?? ""
    }
    #expect(
      Set(variables).isSubset(of: [
        "HOME", "TMPDIR", "LANG", "TZ", "PATH", "EXTRA", "PWD", "OLDPWD", "SHLVL", "_",
      ]), "\(variables)")
    let folder = tap.text("folder").dropLast()
    #expect(folder.hasPrefix("/tmp/backfill-run-"))
    #expect(await vanishes(String(folder)))
  }

  @Test("a state is the checkpoint of the records before it, and is handed back to go on from")
  func resume() async throws {
    let tap = try tap(
      """
      state=$(option --state)
      if [ -f "$state" ]; then cp "$state" $DIR/state; else
        echo '\(Self.record(1))'; echo '{"type":"STATE","value":{ "n": 1.0 }}'
        echo '\(Self.record(2))'; kill -9 $$
      fi
      echo '\(Self.record(3))'; echo '{"type":"STATE","value":{"n":3}}'
      """)
    let first = try await tap.read()
    #expect(first.texts.count == 2)
    #expect(first.failure?.kind == .unavailable)
    #expect(first.failure?.message == "tap was ended by signal 9 while reading shop.orders.")
    let cursor = try #require(first.cursors.last)
    #expect(cursor == #"{"state":{ "n": 1.0 }}"#)
    let second = try await tap.read(from: cursor)
    #expect(tap.text("state") == #"{ "n": 1.0 }"#)
    #expect(second.texts == [#"{"id":3,"at":"2026-01-01T10:00:00Z"}"#])
    #expect(second.failure == nil)
  }

  @Test("without a state there is only the beginning to go on from, and no progress")
  func noState() async throws {
    let tap = try tap("echo '\(Self.record(1))'; exit 3")
    let first = try await tap.read()
    #expect(first.cursors == ["{}"])
    #expect(try await tap.read(from: "{}").cursors == ["{}"])
  }

  @Test("a record that cannot be stored is a record with a flaw, and the others stand")
  func flaws() async throws {
    let tap = try tap(
      #"""
      echo '{"type":"RECORD","stream":"orders","record":{"id":1,"id":2}}'
      echo '{"type":"RECORD","stream":"orders","record":[1]}'
      echo '{"type":"RECORD","stream":"orders","record":{"id":3,"t":"\u0000"}}'
      echo '{"type":"RECORD","stream":"orders","record":{"id":4}}'
      echo '{"type":"STATE","value":{}}'
      """#)
    let reader = try tap.connector().reader(
      of: window("2026-01-01T00:00Z", "2026-01-02T00:00Z"), fields: [JSONPath("id")])
    let page = try await reader.page(at: nil)
    #expect(page.scan.records.map(\.flaw) == [.duplicateKey, .notAnObject, .nulCharacter, nil])
    await reader.close()
  }
}

/// Whether a folder goes away.
func vanishes(_ path: String) async -> Bool {
  let end = ContinuousClock.now + .seconds(10)
  while ContinuousClock.now < end {
    if access(path, F_OK) != 0 { return true }
    await Task.yield()
  }
  return false
}
