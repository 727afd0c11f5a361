import Connectors
import Domain
import JSON
import Testing

@Suite struct AirbyteTests {
  private static let catalogue = """
    {"type":"LOG","log":{"level":"INFO","message":"looking"}}
    {"type":"CATALOG","catalog":{"streams":[\
    {"name":"orders","json_schema":{},"supported_sync_modes":["full_refresh","incremental"],\
    "default_cursor_field":["updated_at"],"source_defined_primary_key":[["id"]]},\
    {"name":"plain","json_schema":{},"supported_sync_modes":["full_refresh"]}]}}
    """

  private func source(
    _ script: String, source: String = "", stream: String = ""
  ) throws -> Tap {
    try Tap(
      """
      case "$1" in discover) printf '%s\\n' '\(Self.catalogue)'; exit 0;; esac
      \(script)
      """, dialect: "airbyte", source: source, stream: stream)
  }

  private static func record(_ id: Int, stream: String = "orders") -> String {
    #"{"type":"RECORD","record":{"stream":"\#(stream)","data":{"id":\#(id)},"emitted_at":1}}"#
  }

  private static func status(_ status: String) -> String {
    """
    {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1.0,"stream_status":\
    {"stream_descriptor":{"name":"orders","namespace":null},"status":"\(status)"}}}
    """
  }

  private static func state(_ n: Int) -> String {
    """
    {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},\
    "stream_state":{"n":\(n)}},"sourceStats":{"recordCount":1.0}}}
    """
  }

  private static func script(_ lines: [String]) -> String {
    lines.map { "echo '\($0)'" }.joined(separator: "\n")
  }

  @Test("records are read until the stream is complete, and the state is the checkpoint")
  func complete() async throws {
    let told = try await source(
      Self.script([
        Self.status("STARTED"), Self.record(1), Self.record(9, stream: "other"), Self.state(1),
        Self.record(2), Self.state(2), Self.status("COMPLETE"),
      ])
    ).read()
    #expect(told.failure == nil)
    #expect(told.texts == [#"{"id":1}"#, #"{"id":2}"#])
    #expect(told.cursors == [nil])
  }

  @Test(
    "an end without COMPLETE behind the last record is a failure, whatever the code",
    arguments: [
      (["STARTED"], "without the stream status COMPLETE"),
      (["COMPLETE", "record"], "without the stream status COMPLETE"),
      (["INCOMPLETE"], "could not read all of shop.orders"),
      (["COMPLETE", "INCOMPLETE"], "could not read all of shop.orders"),
      ([], "set ending to \"exit\""),
    ])
  func incomplete(statuses: [String], words: String) async throws {
    let lines = statuses.map { $0 == "record" ? Self.record(3) : Self.status($0) }
    let told = try await source(Self.script([Self.record(1), Self.state(1)] + lines)).read()
    #expect(told.failure?.message.contains(words) == true, "\(told)")
    #expect(told.cursors.last??.contains("\"n\":1") == true)
  }

  @Test("an older source without statuses is taken at its code where the definition says so")
  func older() async throws {
    let told = try await source(Self.script([Self.record(1)]), stream: #"ending: "exit","#).read()
    #expect(told.failure == nil)
    let broken = try await source(
      Self.script([Self.record(1), Self.status("INCOMPLETE")]), stream: #"ending: "exit","#
    ).read()
    #expect(broken.failure != nil)
  }

  @Test("what a source says of its own fault is told, and decides whether it is tried again")
  func traceError() async throws {
    func error(_ kind: String) -> String {
      """
      {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1,"error":\
      {"message":"The key is wrong.","internal_message":"401","failure_type":"\(kind)"}}}
      """
    }
    for (kind, meant) in [
      ("config_error", SourceFailure.Kind.misconfigured), ("system_error", .unavailable),
    ] {
      let told = try await source(
        Self.script([Self.record(1), error(kind), Self.status("COMPLETE")])
      ).read()
      #expect(told.failure?.kind == meant)
      #expect(told.failure?.message == "tap cannot read shop.orders: The key is wrong.")
      #expect(told.texts.count == 1)
    }
  }

  @Test(
    "each form of state is handed back as the source wants it",
    arguments: [
      (
        #"{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"n":1}}}"#,
        #"[{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"n":1}}}]"#
      ),
      (
        #"{"type":"GLOBAL","global":{"shared_state":{},"stream_states":[]}}"#,
        #"[{"type":"GLOBAL","global":{"shared_state":{},"stream_states":[]}}]"#
      ),
      (#"{"type":"LEGACY","data":{"orders":{"n":1}}}"#, #"{"orders":{"n":1}}"#),
      (#"{"data":{"orders":{"n":1}}}"#, #"{"orders":{"n":1}}"#),
    ])
  func states(said: String, handedBack: String) async throws {
    let tap = try source(
      """
      case "$ARGUMENTS" in *--state*) cp "$(option --state)" $DIR/state;; esac
      \(Self.script([
        Self.record(1), #"{"type":"STATE","state":\#(said)}"#,
        #"{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"x"}}}}"#,
      ]))
      exit 1
      """)
    let cursor = try #require(try await tap.read().cursors.last ?? nil)
    _ = try await tap.read(from: cursor)
    #expect(tap.text("state") == handedBack)
  }

  @Test("the catalogue holds the wanted stream alone, incremental where the source can")
  func configured() async throws {
    let script = """
      cp "$(option --catalog)" $DIR/catalog; echo $ARGUMENTS > $DIR/arguments
      \(Self.script([Self.status("COMPLETE")]))
      """
    let tap = try source(script)
    #expect(try await tap.read().failure == nil)
    #expect(tap.text("arguments").hasPrefix("read --config /"))
    let streams = try JSONValue.parse(tap.text("catalog"))["streams"]?.array ?? []
    #expect(streams.count == 1)
    #expect(streams.first?["stream"]?["name"] == "orders")
    #expect(streams.first?["sync_mode"] == "incremental")
    #expect(streams.first?["destination_sync_mode"] == "append")
    #expect(streams.first?["cursor_field"] == ["updated_at"])
    #expect(streams.first?["primary_key"] == [["id"]])

    let other = try source(script, stream: #"stream: "plain","#)
    _ = try await other.read()
    let plain = try JSONValue.parse(other.text("catalog"))["streams"]?.array ?? []
    #expect(plain.first?["sync_mode"] == "full_refresh")
  }

  @Test("a line of Airbyte's that is no message is a failure")
  func rubbish() async throws {
    let told = try await source("echo 'Downloading…'; sleep 1000").read()
    #expect(
      told.failure?.message == "tap wrote a line for shop.orders that is no message: Downloading…")
  }
}
