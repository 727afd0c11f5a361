import Connectors
import Domain
import Foundation
import Testing

/// Programs that break off, flood, hang, fork or lie: none of them ends in success.
@Suite struct HostileProcessTests {
  /// Two records, with a state between them.
  private static let start = #"""
    echo '{"type":"RECORD","stream":"orders","record":{"id":1}}'
    echo '{"type":"STATE","value":{"n":1}}'
    echo '{"type":"RECORD","stream":"orders","record":{"id":2}}'

    """#

  private func read(
    _ script: String, limits: String = "", selection: String = "none", ending: String = "marked"
  ) async throws -> Told {
    let tap = try Tap(
      script, source: "limits: {grace_seconds: 1, \(limits)},",
      stream: #"selection: "\#(selection)", ending: "\#(ending)","#)
    return try await tap.read()
  }

  @Test(
    "what does not end as it should ends in a failure that says so, after the records before it",
    arguments: [
      ("exit 0", "without a STATE behind its last record"),
      ("exit 3", "tap ended with code 3 while reading shop.orders."),
      (
        "echo 'Traceback' >&2; echo 'KeyError: 7' >&2; exit 1",
        "ended with code 1 while reading shop.orders: KeyError: 7"
      ),
      ("kill -9 $$", "was ended by signal 9"),
      (#"printf '{"type":"STATE","va'"#, "ended in the middle of a line"),
      (#"printf '{"type":"STATE","value":{}}'"#, "ended in the middle of a line"),
      (
        #"echo '{"type":"STATE","value":{}}'; printf '{"type":"RECORD'"#,
        "ended in the middle of a line"
      ),
      (#"echo '{"type":"STATE","value":{}}'; exit 9"#, "ended with code 9"),
      ("echo 'Starting up, please wait'; sleep 1000", "no message: Starting up, please wait"),
      ("echo '[1]'; sleep 1000", "no message: [1]"),
      (#"echo '{"kind":"RECORD"}'; sleep 1000"#, "that is no message"),
      (#"echo '{"type":"RECORD","record":{}}'; sleep 1000"#, "that is no message"),
      (#"echo '{"type":"STATE"}'; sleep 1000"#, "STATE for shop.orders that cannot be read"),
      (#"echo '{"type":"BATCH","stream":"orders"}'; sleep 1000"#, "in files (BATCH messages)"),
    ])
  func broken(end: String, words: String) async throws {
    let told = try await read(Self.start + end)
    let message = try #require(told.failure?.message)
    #expect(message.contains(words), "\(message)")
    #expect(told.texts.prefix(2) == [#"{"id":1}"#, #"{"id":2}"#])
    #expect(!told.cursors.contains(nil))
  }

  @Test("a program that never ends its line is stopped, and its bytes are not kept")
  func flood() async throws {
    let told = try await read(Self.start + "head -c 5000000000 /dev/zero | tr '\\0' x; echo")
    #expect(told.failure?.message.contains("without ending the line; it was stopped") == true)
    #expect(told.texts.count == 2)
  }

  @Test("a program that writes for ever is stopped when its time is over")
  func endless() async throws {
    let told = try await read(
      "yes '{\"type\":\"LOG\",\"log\":{\"level\":\"INFO\",\"message\":\"still here\"}}'",
      limits: "whole_seconds: 2,")
    #expect(told.failure?.kind == .timeout)
    #expect(told.failure?.message.contains("within 2 s") == true)
  }

  @Test("a program that falls silent is stopped, with all that it started")
  func silent() async throws {
    let tap = try Tap(
      Self.start + "trap '' TERM; sleep 1000 & echo $! > $DIR/child; wait; sleep 1000",
      source: "limits: {grace_seconds: 1, idle_seconds: 1},", stream: #"selection: "none","#)
    let told = try await tap.read()
    #expect(told.failure?.kind == .timeout)
    #expect(told.failure?.message.contains("said nothing about shop.orders for 1 s") == true)
    #expect(told.texts.count == 2)
    let child = try #require(pid_t(tap.text("child").dropLast()))
    #expect(await hasEnded(child))
  }

  @Test("words on standard error are a sign of life")
  func talking() async throws {
    let told = try await read(
      """
      for n in 1 2 3 4 5 6; do echo working >&2; sleep 0.4; done
      echo '{"type":"STATE","value":{}}'
      """, limits: "idle_seconds: 1,")
    #expect(told.failure == nil)
  }

  @Test("what a program leaves behind ends with it, and does not keep its reader")
  func leftBehind() async throws {
    let tap = try Tap(
      """
      (trap '' TERM; while :; do echo '{"type":"RECORD","stream":"orders","record":{"id":0}}'; done) &
      echo $! > $DIR/child
      exit 5
      """, stream: #"selection: "none","#)
    #expect(try await tap.read().failure?.message.contains("ended with code 5") == true)
    let child = try #require(pid_t(tap.text("child").dropLast()))
    #expect(await hasEnded(child))
  }

  @Test("what a program sets apart in a session of its own ends with it, too")
  func setApart() async throws {
    let tap = try Tap(
      "setsid sleep 1000 > /dev/null 2>&1 & echo $! > $DIR/child; exit 5",
      stream: #"selection: "none","#)
    #expect(try await tap.read().failure?.message.contains("ended with code 5") == true)
    let child = try #require(pid_t(tap.text("child").dropLast()))
    #expect(await hasEnded(child))
  }

  @Test("a program that closes its output but stays is stopped")
  func lingering() async throws {
    let told = try await read(
      Self.start + #"echo '{"type":"STATE","value":{}}'; exec >&- 2>&-; sleep 1000"#,
      limits: "idle_seconds: 1,")
    #expect(told.failure?.message.contains("closed its output") == true)
    #expect(!told.cursors.contains(nil))
  }

  @Test("no process of it can have more files, or a larger one, than it may")
  func bounds() async throws {
    let told = try await read(
      """
      echo "$(ulimit -n) $(ulimit -v) $(ulimit -f) $(ulimit -c)" >&2
      grep -E 'NoNewPrivs' /proc/self/status | tr '\\n' ' ' >&2
      exit 4
      """, limits: "open_files: 77, memory_mb: 512, file_mb: 3,")
    // The last line of standard error is told.
    #expect(told.failure?.message.contains("NoNewPrivs: 1") == true, "\(told)")
    let limits = try await read(
      "echo \"$(ulimit -n) $(ulimit -v) $(ulimit -f) $(ulimit -c)\" >&2; exit 4",
      limits: "open_files: 77, memory_mb: 512, file_mb: 3,")
    #expect(limits.failure?.message.contains("77 524288 6144 0") == true, "\(limits)")
  }

  @Test("a fork bomb gets no further than its limit", .enabled(if: geteuid() == 0, "it takes root"))
  func forkBomb() async throws {
    let tap = try Tap(
      """
      bomb() { while :; do (sleep 1000) & done; }
      bomb 2> $DIR/errors
      """,
      source: "limits: {processes: 40, grace_seconds: 0, whole_seconds: 2},",
      stream: #"selection: "none","#)
    let told = try await tap.read()
    #expect(told.failure != nil)
    #expect(tap.text("errors").lowercased().contains("fork"))
  }

  @Test("a secret that the program repeats is not told")
  func secretTold() async throws {
    let tap = try Tap(
      "cat \"$(option --config)\" >&2; echo >&2; exit 1", source: #"secrets: {key: "env:KEY"},"#,
      stream: #"selection: "none","#, secrets: ["KEY": "canary-\"1"])
    let message = try #require(try await tap.read().failure?.message)
    #expect(message.contains("[secret]"))
    #expect(!message.contains("canary"))
  }

  @Test("where a tap never writes STATE, ending \"exit\" takes its code 0 for the end")
  func exitEnding() async throws {
    let script = #"echo '{"type":"RECORD","stream":"orders","record":{"id":1}}'"#
    #expect(try await read(script, ending: "exit").failure == nil)
    #expect(try await read(script + "; exit 1", ending: "exit").failure != nil)
    #expect(try await read("printf '{'", ending: "exit").failure != nil)
  }

  @Test("a reader that is closed, or whose task is cancelled, ends the program at once")
  func closed() async throws {
    let tap = try Tap(
      Self.start + "echo $$ > $DIR/id; sleep 1000", stream: #"selection: "none","#)
    let day = window("2026-01-01T00:00Z", "2026-01-02T00:00Z")
    let reader = try tap.connector().reader(of: day, fields: [])
    let page = try await reader.page(at: nil)
    #expect(page.next == #"{"state":{"n":1}}"#)
    let id = try #require(pid_t(tap.text("id").dropLast()))
    await reader.close()
    #expect(kill(id, 0) != 0)

    let other = try tap.connector().reader(of: day, fields: [])
    let first = try await other.page(at: nil)
    let next = Task { () async -> SourceFailure? in
      do throws(SourceFailure) {
        _ = try await other.page(at: first.next)
        return nil
      } catch {
        return error
      }
    }
    next.cancel()
    #expect(await next.value != nil)
    await other.close()
    #expect(kill(try #require(pid_t(tap.text("id").dropLast())), 0) != 0)
  }
}

/// Whether a process ends that is not ours to wait for.
private func hasEnded(_ process: pid_t) async -> Bool {
  let end = ContinuousClock.now + .seconds(10)
  while ContinuousClock.now < end {
    let stat = FileManager.default.contents(atPath: "/proc/\(process)/stat") ?? Data()
    if stat.isEmpty || String(decoding: stat, as: UTF8.self).contains(") Z ") { return true }
    await Task.yield()
  }
  return false
}
