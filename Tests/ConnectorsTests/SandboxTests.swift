import Connectors
import Domain
import Foundation
import Processes
import Testing

/// Programs in a sandbox of bubblewrap, where this machine has it.
@Suite(
  .enabled(
    if: Program.find("bwrap", in: Program.defaultFolders) != nil,
    "bubblewrap is not installed here")
)
struct SandboxTests {
  private func read(_ script: String, source: String = "") async throws -> Told {
    let tap = try Tap(
      script, sandbox: "required", source: source + "limits: {grace_seconds: 1, idle_seconds: 5},",
      stream: #"selection: "none","#)
    return try await tap.read()
  }

  /// What a script writes to standard error, of which the last line is told.
  private func words(_ script: String, source: String = "") async throws -> String {
    try await read("\(script)\nexit 1", source: source).failure?.message ?? "no failure"
  }

  @Test("records, states and endings are as without")
  func reading() async throws {
    let told = try await read(
      #"""
      echo '{"type":"RECORD","stream":"orders","record":{"id":1}}'
      echo '{"type":"STATE","value":{"n":1}}'
      """#)
    #expect(told.failure == nil)
    #expect(told.texts == [#"{"id":1}"#])
    #expect(try await words("exit 3").contains("ended with code 3"))
    #expect(try await words("kill -9 $$").contains("was ended by signal 9"))
    #expect(try await words("exit 0").contains("without a STATE"))
  }

  @Test("a program sees no processes but its own")
  func processes() async throws {
    let count = try await words("ls -d /proc/[0-9]* | wc -l >&2")
    #expect(count.contains(": 2") || count.contains(": 3") || count.contains(": 4"), "\(count)")
  }

  @Test("a program writes nothing but its own folder, and reads only what is named")
  func files() async throws {
    let folder = try TemporaryFolder()
    let secret = try folder.write("secret", "canary")
    chmod(secret, 0o666)
    chmod(folder.path, 0o777)
    #expect(try await words("cat \(secret) >&2").contains("No such file"))
    #expect(
      try await words("cat \(secret) >&2", source: "folders: [\"\(folder.path)\"],")
        .contains(": canary"))
    #expect(
      try await words(
        "(echo x > \(secret)) 2>&1 | cat >&2", source: "folders: [\"\(folder.path)\"],"
      )
      .contains("Read-only"))
    #expect(try await words("(echo x > $HOME/own && cat $HOME/own) >&2").contains(": x"))
    #expect(try await words("(echo x > /usr/own) 2>&1 | cat >&2").contains("Read-only"))
  }

  @Test("without network a program reaches nothing but itself")
  func network() async throws {
    let links = try await words(
      "tail -n +3 /proc/net/dev | cut -d: -f1 | tr '\\n' ' ' >&2", source: #"network: "none","#)
    #expect(links.contains(": lo"))
    #expect(!links.contains("eth"))
  }

  @Test("what a program sets apart in a session of its own ends with it all the same")
  func setApart() async throws {
    let mark = "sleep 98\(getpid())"
    let told = try await read("setsid \(mark) > /dev/null 2>&1 &\nexit 4")
    #expect(told.failure?.message.contains("code 4") == true)
    #expect(try await Command("pgrep", ["-f", mark]).run().status == .exited(1))
  }
}
