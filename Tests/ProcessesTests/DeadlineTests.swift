import Glibc
import Processes
import Testing

@Suite struct DeadlineTests {
  @Test("a program that runs past its deadline is ended politely")
  func politeEnd() async throws {
    var command = Command("sh", ["-c", "trap 'echo bye; exit 0' TERM; while :; do sleep 1; done"])
    command.deadline = .milliseconds(300)
    let result = try await command.run()
    #expect(result.status == .deadlinePassed)
    #expect(result.output.text == "bye\n")
  }

  @Test("a program that ignores SIGTERM is killed with all its children after the grace")
  func killedGroup() async throws {
    let script = "trap '' TERM; sh -c 'trap \"\" TERM; echo $$; while :; do sleep 1; done'"
    var command = Command("sh", ["-c", script])
    command.deadline = .milliseconds(200)
    command.grace = .milliseconds(200)
    let result = try await command.run()
    #expect(result.status == .deadlinePassed)
    let grandchild = try #require(pid_t(result.output.text.dropLast()))
    #expect(await hasVanished(grandchild))
  }

  @Test("cancelling the task ends the program and its children, and reports the cancellation")
  func cancellation() async throws {
    var command = Command("sh", ["-c", "sleep 1000 & echo $!; wait"])
    command.grace = .zero
    let stoppable = command
    let (started, announce) = AsyncStream.makeStream(of: pid_t.self)
    let task = Task {
      try await stoppable.withProcess(output: .streamed) { process in
        var chunks = process.output.makeAsyncIterator()
        let line = String(decoding: try await chunks.next() ?? [], as: UTF8.self)
        announce.yield(pid_t(line.dropLast()) ?? 0)
        return await process.wait()
      }
    }
    let grandchild = try #require(await started.first { _ in true })
    #expect(kill(grandchild, 0) == 0)
    task.cancel()
    #expect(try await task.value == .signalled(SIGKILL))
    #expect(await hasVanished(grandchild))
  }

  @Test("cancelling a run throws once the program is gone")
  func cancelledRun() async throws {
    let task = Task { try await Command("sleep", ["1000"]).run() }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test("an error thrown while a program is being read stops it and goes on")
  func errorStops() async throws {
    struct Enough: Error {}
    await #expect(throws: Enough.self) {
      try await Command("sleep", ["1000"]).reading { _ in throw Enough() }
    }
  }
}
