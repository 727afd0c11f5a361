import Glibc
import Processes
import Testing

@Suite struct CommandTests {
  private func shell(_ script: String, _ arguments: [String] = []) -> Command {
    Command("sh", ["-c", script, "sh"] + arguments)
  }

  @Test("arguments arrive as they are, whatever a shell would make of them")
  func argumentsVerbatim() async throws {
    let odd = ["a b", "$HOME", "*", "'\"", "", "–ü", "-n"]
    let result = try await Command("printf", ["%s|"] + odd).run()
    #expect(result.status == .exited(0))
    #expect(result.output.text == odd.map { $0 + "|" }.joined())
  }

  @Test("the code and the signal of an end are told apart")
  func endings() async throws {
    #expect(try await shell("exit 7").run().status == .exited(7))
    #expect(try await shell("kill -9 $$").run().status == .signalled(SIGKILL))
    #expect(try await Command("true").run().status.isSuccess)
  }

  @Test("both outputs are kept up to the bound, and the program is not held up by the rest")
  func boundedCapture() async throws {
    let script = "head -c 3000000 /dev/zero; echo heard >&2"
    let result = try await shell(script).run(keeping: 1000)
    #expect(result.status == .exited(0))
    #expect(result.output.bytes == [UInt8](repeating: 0, count: 1000))
    #expect(result.output.isTruncated)
    #expect(result.errors.text == "heard\n")
    #expect(!result.errors.isTruncated)
  }

  @Test("bytes given as input arrive whole, also where the program reads none of them")
  func input() async throws {
    let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var command = Command("cat")
    command.input = .bytes(bytes)
    #expect(try await command.run(keeping: 2_000_000).output.bytes == bytes)

    command.program = "true"
    #expect(try await command.run().status == .exited(0))
  }

  @Test("without input a program reads the end of the file at once")
  func noInput() async throws {
    #expect(try await Command("cat").run().output.bytes.isEmpty)
  }

  @Test("a descriptor given as input is read by the program, even one of the lowest numbers")
  func inputDescriptor() async throws {
    let file = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    var command = Command("head", ["-n", "1"])
    command.input = .descriptor(file)
    #expect(try await command.run().output.text.hasPrefix("Name:"))
  }

  @Test("the environment is inherited, added to, or exactly what was given")
  func environment() async throws {
    setenv("PROCESSES_TEST", "from us", 1)
    var command = shell("echo \"$PROCESSES_TEST/$EXTRA\"")
    #expect(try await command.run().output.text == "from us/\n")
    command.environment = .inheritedAdding(["EXTRA": "x=y", "PROCESSES_TEST": "replaced"])
    #expect(try await command.run().output.text == "replaced/x=y\n")

    var env = Command("env")
    env.environment = .only(["B": "2", "A": "1"])
    #expect(try await env.run().output.text == "A=1\nB=2\n")
  }

  @Test("a program starts in the directory that was named")
  func workingDirectory() async throws {
    var command = Command("pwd")
    command.workingDirectory = "/usr/bin"
    #expect(try await command.run().output.text == "/usr/bin\n")
  }

  @Test("a program has a session of its own and no descriptor beside its three")
  func isolation() async throws {
    let leaky = open("/dev/null", O_RDONLY)
    defer { close(leaky) }
    // The fourth is the folder that `ls` reads.
    #expect(try await Command("ls", ["/proc/self/fd"]).run().output.text == "0\n1\n2\n3\n")

    let session = try await shell("echo $$; ps -o sid= -p $$ | tr -d ' '").run().output.text
    let lines = session.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.first == lines.last)
  }

  @Test("ignored and blocked signals are not passed on")
  func signalsReset() async throws {
    signal(SIGPIPE, SIG_IGN)
    let status = try await Command("cat", ["/proc/self/status"]).run().output.text
    for line in status.split(separator: "\n")
    where line.hasPrefix("SigBlk:") || line.hasPrefix("SigIgn:") {
      let mask = try #require(UInt64(line.dropFirst(8), radix: 16))
      // Signals 32 and above are the C library's own; it does not let anybody reset them.
      #expect(mask & 0x7fff_ffff == 0, "\(line)")
    }
    #expect(status.contains("SigBlk:\t") && status.contains("SigIgn:\t"))
  }

  @Test("a name that no folder has, or a file that cannot be executed, is an error by name")
  func notFound() async throws {
    await #expect(throws: ProcessFailure.programNotFound("no-such-program")) {
      try await Command("no-such-program").run()
    }
    await #expect(throws: ProcessFailure.programNotFound("/etc/passwd")) {
      try await Command("/etc/passwd").run()
    }
    await #expect(throws: ProcessFailure.userUnknown("no-such-user")) {
      var command = Command("true")
      command.user = "no-such-user"
      return try await command.run()
    }
  }

  @Test("a directory that is not there is an error of the start, and not of the program")
  func badDirectory() async throws {
    var command = Command("true")
    command.workingDirectory = "/no/such/directory"
    await #expect(throws: ProcessFailure.self) { try await command.run() }
  }

  @Test("where success is expected, failure carries the first words of standard error")
  func expectingSuccess() async throws {
    #expect(try await Command("echo", ["hello"]).runExpectingSuccess() == "hello\n")
    let failing = shell("echo out; echo first >&2; echo second >&2; exit 3")
    let failure = ProcessFailure.failed(program: "sh", status: .exited(3), errors: "first second")
    await #expect(throws: failure) { try await failing.runExpectingSuccess() }
    #expect(failure.description == "sh ended with code 3: first second")
  }

  @Test("root can run a program as another user", .enabled(if: geteuid() == 0, "it takes root"))
  func otherUser() async throws {
    var command = Command("id", ["-un"])
    command.user = "nobody"
    #expect(try await command.run().output.text == "nobody\n")
    command = Command("id", ["-Gn"])
    command.user = "nobody"
    #expect(try await command.run().output.text == "nogroup\n")
  }
}
