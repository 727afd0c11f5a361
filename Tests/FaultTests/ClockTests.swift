import Foundation
import Glibc
import HTTP
import Processes
import Testing

extension FaultTests {
  @Suite struct ClockTests {
    @Test(
      "workers whose clocks are an hour wrong change nothing of the result",
      .enabled(if: WrongClock.compiler != nil, "no C compiler makes the wrong clock"))
    func wrongClocks() async throws {
      let clock = try await WrongClock.make()
      defer { clock.remove() }
      try await Stage.with { stage in
        stage.source.answer { asked in
          guard asked.day % 7 == 0, asked.time == 1 else { return nil }
          return .text(503, "Come back later.")
        }
        try await stage.apply(retry: #"{base: "200ms"}"#)
        let id = try await stage.submit(days: 40)
        var workers: [WorkerProcess] = []
        for hours in [-1, 0, 1] {
          workers.append(
            try await WorkerProcess.start(
              "clock\(hours + 1)", on: stage.conninfo, lease: 2,
              environment: clock.environment(secondsAhead: hours * 3_600)))
        }
        #expect(try await stage.end(of: id) == "succeeded")
        #expect(
          try await stage.holds("count(DISTINCT worker_id) = 3 FROM backfill.batch"),
          "every worker has its share")
        for worker in workers { await worker.process.stop() }
        #expect(try await stage.holds("count(*) = 0 FROM backfill.attempt WHERE outcome = 'lost'"))
        try await expectSound(stage, days: 40)
      }
    }
  }
}

/// A library that makes the clock of a process wrong.
struct WrongClock {
  /// The compiler that makes it; nil where there is none.
  static let compiler: String? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let programs = ["clang", "cc", "gcc"].flatMap { name in folders.map { "\($0)/\(name)" } }
    return programs.first { access($0, X_OK) == 0 }
  }()

  private static let source = """
    #define _GNU_SOURCE
    #include <stdlib.h>
    #include <sys/syscall.h>
    #include <sys/time.h>
    #include <time.h>
    #include <unistd.h>
    static long ahead(void) { const char *s = getenv("CLOCK_AHEAD"); return s ? atol(s) : 0; }
    int clock_gettime(clockid_t clock, struct timespec *time) {
      int result = syscall(SYS_clock_gettime, clock, time);
      if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += ahead();
      return result;
    }
    int gettimeofday(struct timeval *time, void *zone) {
      int result = syscall(SYS_gettimeofday, time, zone);
      if (result == 0) time->tv_sec += ahead();
      return result;
    }
    time_t time(time_t *to) {
      struct timespec now;
      clock_gettime(CLOCK_REALTIME, &now);
      if (to) *to = now.tv_sec;
      return now.tv_sec;
    }
    """

  private let folder: String

  static func make() async throws -> WrongClock {
    var name = Array("/tmp/backfill-clock-XXXXXX".utf8CString)
    guard let made = mkdtemp(&name) else { throw Overdue(description: "There is no room in /tmp") }
    let clock = WrongClock(folder: String(cString: made))
    var command = Command(
      compiler ?? "cc", ["-shared", "-fPIC", "-O1", "-x", "c", "-o", clock.library, "-"])
    command.input = .bytes(Array(source.utf8))
    try await command.runExpectingSuccess()
    return clock
  }

  /// The variables under which a process sees a time that is wrong by so much.
  func environment(secondsAhead: Int) -> [String: String] {
    ["LD_PRELOAD": library, "CLOCK_AHEAD": String(secondsAhead)]
  }

  func remove() {
    unlink(library)
    rmdir(folder)
  }

  private var library: String { "\(folder)/clock.so" }
}
