import Domain
import Glibc
import Operations
import Postgres
import Processes
import Stores

/// A worker as a process of its own, so that its memory and time are its own.
enum WorkerProcess {
  /// What the process used.
  struct Usage: Sendable {
    /// The most memory it ever held, in MB of 1,000,000 bytes.
    let peakMemory: Double
    /// Processor time, in seconds.
    let processorSeconds: Double
  }

  /// The command line by which the bench starts itself as a worker.
  static let argument = "worker-process"

  /// Runs as that process: works until SIGTERM.
  static func main(conninfo: String, concurrency: Int) async throws {
    let store = try await BenchStore.open(conninfo, connections: min(concurrency, 6) + 2)
    let member = FleetMember(
      WorkerSettings(name: "bench:\(getpid())", version: "bench", concurrency: concurrency),
      store.surroundings(try BenchStore.productConnectors()),
      listening: BenchStore.settings(conninfo))
    try await member.run()
  }

  /// Starts a worker and measures until the backfills have ended.
  static func work(
    off backfills: [BackfillID], of store: BenchStore, concurrency: Int
  ) async throws -> (seconds: Double, usage: Usage) {
    var command = Command(
      CommandLine.arguments[0], [argument, store.conninfo, String(concurrency)])
    command.endsWithParent = true
    return try await command.withProcess(output: .inherited, errors: .inherited) { process in
      let startedAt = BenchStore.now()
      let reader = BackfillStore(pool: store.leasePool)
      var ended: Instant?
      while ended == nil {
        try await Task.sleep(for: .milliseconds(20))
        guard process.isRunning else { throw BenchError("The worker process ended by itself.") }
        var finished: [Instant?] = []
        for id in backfills { finished.append(try await reader.findBackfill(id)?.finishedAt) }
        if finished.allSatisfy({ $0 != nil }) { ended = finished.compactMap { $0 }.max() }
      }
      for id in backfills { try await check(id, reader) }
      let usage = try usage(of: process.id)
      let last = (ended ?? startedAt).microseconds - startedAt.microseconds
      return (Double(last) / 1_000_000, usage)
    }
  }

  /// A figure of a backfill that did not succeed would be worth nothing.
  private static func check(_ id: BackfillID, _ reader: BackfillStore) async throws {
    guard let row = try await reader.findBackfill(id), row.state != .succeeded else { return }
    let failed = try await reader.listPartitions(of: id, state: .failed, after: 0, limit: 1)
    throw BenchError("Backfill \(id) ended \(row.state): \(failed.first?.message ?? "?")")
  }

  /// Peak memory and processor time of a running process, from /proc.
  private static func usage(of process: Int32) throws -> Usage {
    let status = try text("/proc/\(process)/status")
    let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let kilobytes = peak.flatMap { Double($0.split(separator: " ").dropFirst().first ?? "") } ?? 0
    let stat = try text("/proc/\(process)/stat").split(separator: " ")
    let ticks = (Double(stat[13]) ?? 0) + (Double(stat[14]) ?? 0)
    return Usage(
      peakMemory: kilobytes * 1_024 / 1_000_000,
      processorSeconds: ticks / Double(sysconf(Int32(_SC_CLK_TCK))))
  }

  private static func text(_ path: String) throws -> String {
    guard let file = fopen(path, "r") else { throw BenchError("\(path) cannot be read.") }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 8_192)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
