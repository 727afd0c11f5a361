import Domain
import Operations
import Postgres
import Stores

/// How long a claim takes as the number of ready partitions grows, as lanes are blocked, and behind
/// a snapshot that is held open.
enum ClaimBench {
  static func run(_ store: BenchStore, heldSeconds: Double) async throws {
    var small = 0.0
    for partitions in [1_000, 100_000, 1_000_000] {
      try await fill(store, lanes: 1, partitions: partitions)
      let median = try await median(store, claims: 300)
      if small == 0 { small = median }
      Report.line(
        "claim of one, \(partitions) ready partitions",
        "\(Report.fixed(median * 1_000)) ms median, \(Report.fixed(median / small)) times the first"
      )
    }
    try await fill(store, lanes: 100, partitions: 100_000)
    let open = try await median(store, claims: 300)
    try await fill(store, lanes: 100, partitions: 100_000)
    try await store.pool.withConnection { connection in
      try await connection.execute(
        "UPDATE backfill.lane SET paused = true WHERE backfill_id % 10 <> 0")
    }
    let blocked = try await median(store, claims: 300)
    Report.line(
      "claim of one, 100 lanes, 90 % of them blocked",
      "\(Report.fixed(blocked * 1_000)) ms median, \(Report.fixed(blocked / open)) times all open")
    try await behindSnapshot(store, seconds: heldSeconds)
  }

  private static func fill(_ store: BenchStore, lanes: Int, partitions: Int) async throws {
    try await store.reset()
    try await store.pool.withConnection { connection in
      try await connection.execute(
        """
        INSERT INTO backfill.source (name, definition) VALUES ('bench', '{}');
        INSERT INTO backfill.request_budget (source_id) SELECT id FROM backfill.source;
        INSERT INTO backfill.lane (backfill_id, source_id)
          SELECT n, s.id FROM backfill.source s, generate_series(1, \(lanes)) AS n;
        INSERT INTO backfill.partition (backfill_id, number, rank, from_at, to_at)
          SELECT lane, n, n, '2024-01-01', '2024-01-02'
            FROM generate_series(1, \(lanes)) AS lane, generate_series(1, \(partitions / lanes)) AS n;
        """)
      try await connection.execute("VACUUM ANALYZE backfill.partition")
      try await connection.execute("VACUUM ANALYZE backfill.lane")
    }
  }

  /// The median time of claims of one partition, each ended at once, in seconds.
  private static func median(_ store: BenchStore, claims: Int) async throws -> Double {
    var times: [Double] = []
    for _ in 0..<claims { times.append(try await claimAndEnd(store)) }
    return times.sorted()[claims / 2]
  }

  private static func claimAndEnd(_ store: BenchStore) async throws -> Double {
    let partitions = PartitionStore(pool: store.pool)
    let started = BenchStore.now()
    let claimed = try await partitions.claimPartitions(
      worker: WorkerID(rawValue: 1), room: 1, leaseSeconds: 15)
    let ended = BenchStore.now()
    guard let one = claimed.first else { throw BenchError("Nothing was claimed.") }
    _ = try await partitions.completeEmpty([
      EmptyPartition(held: HeldPartition(id: one.id, fence: one.fence), requests: 0)
    ])
    return Double(ended.microseconds - started.microseconds) / 1_000_000
  }

  /// 500 claims a second while a snapshot is held, the fleet's frontiers moving as they do.
  private static func behindSnapshot(_ store: BenchStore, seconds: Double) async throws {
    try await fill(store, lanes: 1, partitions: 1_000_000)
    let before = try await median(store, claims: 300)
    let holder = try await Connection.connect(BenchStore.settings(store.conninfo))
    try await holder.execute(
      "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM backfill.lane")
    let folding = Task { await Sequencer(pool: store.leasePool, tell: { _ in }).run() }
    let started = BenchStore.now()
    var claims = 0
    var last: [Double] = []
    while Double(BenchStore.now().microseconds - started.microseconds) / 1_000_000 < seconds {
      let time = try await claimAndEnd(store)
      claims += 1
      last.append(time)
      if last.count > 1_000 { last.removeFirst(500) }
      let due = Double(claims) / 500
      let passed = Double(BenchStore.now().microseconds - started.microseconds) / 1_000_000
      if passed < due { try await Task.sleep(for: .seconds(due - passed)) }
    }
    folding.cancel()
    await holder.close()
    let after = last.sorted()[last.count / 2]
    Report.line(
      "claim of one, after \(claims) claims in \(Int(seconds)) s behind a held snapshot",
      "\(Report.fixed(after * 1_000)) ms median, \(Report.fixed(after / before)) times before")
  }
}
