import Glibc
import Testing

@testable import Processes

@Suite struct RunningProcessTests {
  @Test("output arrives while the program runs")
  func streaming() async throws {
    let command = Command("sh", ["-c", "echo one; read line; echo two"])
    let input = try pipeEnds()
    defer { close(input.reading) }
    var talking = command
    talking.input = .descriptor(input.reading)
    try await talking.withProcess(output: .streamed) { process async throws in
      var chunks = process.output.makeAsyncIterator()
      #expect(try await chunks.next() == Array("one\n".utf8))
      #expect(write(input.writing, "\n", 1) == 1)
      #expect(try await chunks.next() == Array("two\n".utf8))
      #expect(try await chunks.next() == nil)
      #expect(await process.wait() == .exited(0))
    }
    close(input.writing)
  }

  @Test("a program whose output nobody takes is held up, and goes on when somebody does")
  func backPressure() async throws {
    let script = "head -c 10000000 /dev/zero; echo done >&2"
    try await Command("sh", ["-c", script]).withProcess(output: .streamed, errors: .streamed) {
      process async throws in
      var chunks = process.output.makeAsyncIterator()
      var total = try await chunks.next()?.count ?? 0
      #expect(total > 0 && total < 1_000_000)
      while let chunk = try await chunks.next() { total += chunk.count }
      #expect(total == 10_000_000)
      #expect(try await process.errors.collected(upTo: 100).text == "done\n")
    }
  }

  @Test("the end of a program ends its output, though a child of its own holds the pipe open")
  func strayChild() async throws {
    let result = try await Command("sh", ["-c", "sleep 1000 & echo $!; exit 4"]).run()
    #expect(result.status == .exited(4))
    let stray = try #require(pid_t(result.output.text.dropLast()))
    #expect(await hasVanished(stray), "what it left behind in its group is taken away")
  }

  @Test("a stopped program stands still until it is resumed")
  func stopAndResume() async throws {
    let command = Command("sh", ["-c", "echo ready; read line; echo answered"])
    let input = try pipeEnds()
    defer { close(input.reading) }
    var talking = command
    talking.input = .descriptor(input.reading)
    try await talking.withProcess(output: .streamed) { process async throws in
      var chunks = process.output.makeAsyncIterator()
      #expect(try await chunks.next() == Array("ready\n".utf8))
      process.send(.stop)
      #expect(write(input.writing, "\n", 1) == 1)
      process.send(.resume)
      #expect(try await chunks.next() == Array("answered\n".utf8))
    }
    close(input.writing)
  }

  @Test("a stopped program can be ended politely all the same")
  func stopWhileStopped() async throws {
    let process = try await Command("sleep", ["1000"]).start()
    process.send(.stop)
    #expect(await process.stop() == .signalled(SIGTERM))
  }

  @Test("the end can be asked for again and again, and signals after it do no harm")
  func waitTwice() async throws {
    let process = try await Command("sh", ["-c", "exit 5"]).start()
    #expect(await process.wait() == .exited(5))
    process.send(.kill)
    #expect(await process.wait() == .exited(5))
    #expect(await process.stop() == .exited(5))
    #expect(kill(process.id, 0) == -1, "the program was reaped")
  }

  @Test("fifty programs at once each get their own end")
  func many() async throws {
    try await withThrowingTaskGroup { group in
      for code in 0..<50 {
        group.addTask {
          let status = try await Command("sh", ["-c", "exit \(code)"]).run().status
          return (code, status)
        }
      }
      for try await (code, status) in group { #expect(status == .exited(Int32(code))) }
    }
  }

  @Test("a program that is to die with its parent is started by setpriv under its own number")
  func endsWithParent() async throws {
    var command = Command("cat")
    command.endsWithParent = true
    #expect(try Spawn(command).arguments.starts(with: ["setpriv", "--pdeathsig", "KILL", "--"]))

    command.program = "sh"
    command.arguments = ["-c", "echo $$"]
    try await command.withProcess(output: .streamed) { process async throws in
      #expect(try await process.output.collected(upTo: 100).text == "\(process.id)\n")
    }
  }

  @Test("reading gives whole output or an error, never a torn one")
  func reading() async throws {
    let whole = try await Command("sh", ["-c", "echo a; echo b"]).reading { output in
      try await output.collected(upTo: 100).text
    }
    #expect(whole == "a\nb\n")

    let torn = Command("sh", ["-c", "echo a; echo broken >&2; exit 1"])
    let failure = ProcessFailure.failed(program: "sh", status: .exited(1), errors: "broken")
    await #expect(throws: failure) {
      try await torn.reading { output in try await output.collected(upTo: 100) }
    }
  }

  @Test("a reader that has had enough stops the program without an error")
  func readingStopsEarly() async throws {
    let first = try await Command("yes").reading { output in
      try await output.first { _ in true }?.first
    }
    #expect(first == UInt8(ascii: "y"))
  }

  private func pipeEnds() throws -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }
}
