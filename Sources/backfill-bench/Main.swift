import Cluster
import Glibc
import Postgres

/// Measures the product beside the raw limit of the machine.
@main
enum Main {
  static func main() async {
    do {
      try await run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      Report.write("backfill-bench: \(error)\n", to: STDERR_FILENO)
      exit(1)
    }
  }

  private static func run(_ arguments: [String]) async throws {
    if arguments.first == WorkerProcess.argument, arguments.count == 3 {
      return try await WorkerProcess.main(
        conninfo: arguments[1], concurrency: Int(arguments[2]) ?? 1)
    }
    let cluster = try await TemporaryCluster.start(
      durability: .full, settings: ["min_wal_size": "2GB", "max_wal_size": "8GB"])
    let conninfo = "\(cluster.connectionString) dbname=backfill_bench"
    let connection = try await Connection.connect(
      ConnectionSettings("\(cluster.connectionString) dbname=postgres"))
    try await connection.execute("CREATE DATABASE backfill_bench")
    await connection.close()
    let store = try await BenchStore.open(conninfo, connections: 8)
    let wanted = Set(arguments)
    func wants(_ name: String) -> Bool { wanted.isEmpty || wanted.contains(name) }
    if wants("load") {
      try await LoadBench.run(
        store, folder: cluster.home, days: 365, perDay: 1_400,
        kept: wants("kept") ? 20_000_000 : 0)
    }
    if wants("empty") { try await EmptyBench.run(store, partitions: 200_000) }
    if wants("batches") { try await BatchSizeBench.run(store) }
    if wants("process") { try await ProcessBench.run(records: 1_000_000) }
    if wants("database") { try await DatabaseBench.run(store, rows: 500_000) }
    if wants("submit") { try await SubmitBench.run(store) }
    if wants("latency") { try await LatencyBench.run(store, times: 21) }
    if wants("failure") { try await FailureBench.run(store) }
    // Ten minutes are asked for by name: they outlast all the rest.
    if wants("claim") || wants("held") {
      try await ClaimBench.run(store, heldSeconds: wanted.contains("held") ? 600 : 30)
    }
    await store.close()
    await cluster.stop()
  }
}
