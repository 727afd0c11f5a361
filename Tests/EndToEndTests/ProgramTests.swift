import DatabaseFixtures
import Glibc
import JSON
import Processes
import Testing

/// Sources that programs read, through the built program.
@Suite struct ProgramTests {
  /// Lends the program with a source that a script of `sh` plays, one process for each day.
  private func withTap(
    _ script: String, settings: String = "",
    _ body: (BuiltProgram, Database) async throws -> Void
  ) async throws {
    try await withProgram { program, database in
      let path = "\(program.folder)/tap"
      try write("#!/bin/sh\n\(script)\n", to: path)
      // Nobody, as whom it runs where the tests are root's, must reach it.
      chmod(path, 0o755)
      chmod(program.folder, 0o755)
      let applied = try await program(
        "apply", "-f", "-",
        input: """
          {sources: {shop: {connector: "singer", command: ["\(path)"], \(settings)
            streams: {orders: {key: "order:{id}", event_time: "at", selection: "none",
              retry: {attempts: 2, base: "50ms"}, window: {from: "since", to: "until"}}}}}}
          """)
      #expect(applied.code == 0, "\(applied)")
      try await body(program, database)
    }
  }

  @Test("each partition has a process of its own, and what it gives beyond its window is left out")
  func partitions() async throws {
    let script = #"""
      day=$(grep -o '"since":"[^T]*' "$2" | cut -d'"' -f4)
      echo "{\"type\":\"RECORD\",\"stream\":\"orders\",\"record\":{\"id\":\"$day\",\"at\":\"${day}T12:00:00Z\"}}"
      echo '{"type":"RECORD","stream":"orders","record":{"id":"old","at":"1999-01-01T00:00:00Z"}}'
      echo '{"type":"STATE","value":{}}'
      """#
    try await withTap(script) { program, database in
      let doctor = try await program("doctor", "--json").documents
      let finding = doctor.first { $0["check"]?.string == "program" }
      #expect(finding?["message"]?.string?.hasPrefix("The program of shop runs ") == true)
      let submit = ["submit", "shop.orders", "--from", "2026-01-01", "--to", "2026-01-11"]
      #expect(try await program.run(submit).output.contains("in 10 partitions of 1 day"))
      let end = try await working(program) { try await program("watch", "1", "--json") }
      let records = try end.document["records"]
      #expect(end.code == 0 && records?["inserted"]?.int == 10, "\(end)")
      #expect(records?["outside"]?.int == 10)
    }
  }

  @Test(
    "a tap that says nothing of its end fails its partition with a sentence, and is not tried for ever"
  )
  func unfinished() async throws {
    let script = #"""
      echo '{"type":"RECORD","stream":"orders","record":{"id":1,"at":"2026-01-01T12:00:00Z"}}'
      """#
    try await withTap(script) { program, database in
      let submit = ["submit", "shop.orders", "--from", "2026-01-01", "--to", "2026-01-02"]
      #expect(try await program.run(submit).code == 0)
      let end = try await working(program) { try await program("watch", "1") }
      #expect(end.code == 3, "\(end)")
      #expect(end.output.contains("without a STATE behind its last record"), "\(end)")
      #expect(try await database.documents() == 1)
    }
  }

  private static let hasGuard =
    Program.find("bwrap", in: Program.defaultFolders) != nil
    && Program.find("curl", in: Program.defaultFolders) != nil

  @Test(
    "in its sandbox a program reaches the outside through the guard, and in no other way",
    .enabled(if: hasGuard, "bubblewrap or curl is not installed here"))
  func guarded() async throws {
    let script = #"""
      by_guard=$(curl -s -o /dev/null -w '%{http_connect}' https://169.254.169.254/)
      past_it=$(curl -s --noproxy '*' --max-time 3 http://127.0.0.1:1/ 2>&1; echo $?)
      links=$(tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' \n')
      echo "told $by_guard, $past_it, $links" >&2
      exit 1
      """#
    try await withTap(script, settings: #"sandbox: "required","#) { program, _ in
      let check = try await program("sources", "check", "shop")
      #expect(check.output.contains("with the egress guard as its only way out"), "\(check)")
      let submit = ["submit", "shop.orders", "--from", "2026-01-01", "--to", "2026-01-02"]
      #expect(try await program.run(submit).code == 0)
      let end = try await working(program) { try await program("watch", "1") }
      #expect(end.output.contains("told 403, 7, lo"), "\(end)")
      #expect(end.output.contains("A connection to 169.254.169.254:443 was refused"), "\(end)")
    }
  }
}
