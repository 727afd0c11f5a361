import Glibc
import Processes

/// Starts the server of a cluster that is there, and stops it; both only under the cluster's lock.
///
/// The server's log carries a lock that every process of the server inherits with its standard
/// error. It tells, across crashes, containers and reused process numbers, whether any process of
/// an earlier server still lives, and no second server is ever started beside one.
struct ClusterStarter {
  let layout: ClusterLayout
  let user: ServerUser
  let programs: ServerPrograms
  let configuration: ClusterConfiguration

  private static let longestLog = 16 << 20

  /// Returns when the server takes connections; at once if it does already.
  func start() async throws {
    if let running = Postmaster.running(in: layout) {
      if running.isReady { return }
      // It is starting or stopping. Which of the two is seen by how it ends.
      try await waitUntil(within: .seconds(300), orThrow: .notReady(log: layout.log)) {
        Postmaster.running(in: layout).map(\.isReady) ?? true
      }
      if Postmaster.running(in: layout) != nil { return }
    }
    try await startAnew()
  }

  /// Returns when no process of the server is left.
  func stop() async throws {
    let log = try FileLock(path: layout.log, flags: O_WRONLY | O_APPEND)
    Postmaster.running(in: layout)?.stop()
    try await waitUntil(within: .seconds(120), orThrow: .notStopped(log: layout.log)) {
      try log.takeExclusive() && Postmaster.running(in: layout) == nil
    }
  }

  private func startAnew() async throws {
    let log = try await lockedLog()
    removeStaleProcessFile()
    try await writeSettings()
    let begin = SmallFile.size(of: layout.log)
    let server = try await user.command(programs.postgres, arguments)
      .start(output: .descriptor(log.number), errors: .descriptor(log.number))
    withExtendedLifetime(log) {}
    try await waitUntil(within: .seconds(300), orThrow: .notReady(log: layout.log)) {
      guard server.isRunning else {
        throw ClusterError.notStarted(log: layout.log, reason: lastWords(from: begin))
      }
      return Postmaster.running(in: layout)?.isReady ?? false
    }
  }

  private var arguments: [String] {
    ["-D", layout.data, "--config-file=\(layout.settings)"]
  }

  /// The log, once no process of an earlier server holds it.
  ///
  /// Those of a killed server take a moment to notice. A long log is put aside first, and only the
  /// last one is kept.
  private func lockedLog() async throws -> FileLock {
    let log = try await lockLog()
    guard SmallFile.size(of: layout.log) > Self.longestLog else { return log }
    guard rename(layout.log, layout.oldLog) == 0 else { throw ClusterError.system(layout.oldLog) }
    return try await lockLog()
  }

  private func lockLog() async throws -> FileLock {
    let log = try FileLock(path: layout.log, flags: O_WRONLY | O_APPEND)
    try await waitUntil(within: .seconds(60), orThrow: .notStopped(log: layout.log)) {
      try log.takeExclusive()
    }
    return log
  }

  /// Removes what a crash of the machine left behind.
  ///
  /// PostgreSQL overlooks a stale file by itself, unless its number is that of another process of
  /// the same user by now. Nothing of the server lives, since we hold the log.
  private func removeStaleProcessFile() {
    guard Postmaster.named(in: layout) != nil, Postmaster.running(in: layout) == nil else { return }
    unlink(layout.processFile)
  }

  private func writeSettings() async throws {
    let settings = ServerSettings(
      layout: layout, durability: configuration.durability, memory: .measured(),
      compression: try await pageCompression(), extra: configuration.settings)
    try SmallFile.write(settings.text, to: layout.settings, mode: 0o644)
  }

  /// LZ4 costs a fraction of the processor time of the built-in method, but not every build has it.
  private func pageCompression() async throws -> String {
    let question = ["-D", layout.data, "-C", "wal_compression", "-c", "wal_compression=lz4"]
    let answer = try await user.command(programs.postgres, question).run()
    return answer.status.isSuccess ? "lz4" : "on"
  }

  /// The first reason for giving up that the server has written since `begin`.
  private func lastWords(from begin: Int) -> String {
    let lines = (SmallFile.text(at: layout.log, from: begin) ?? "").split(separator: "\n")
    let reason = lines.first { $0.contains("FATAL:") || $0.contains("PANIC:") } ?? lines.last
    guard let reason else { return "it gave no reason" }
    return reason.split(separator: ":  ", maxSplits: 1).last.map(String.init) ?? String(reason)
  }
}
