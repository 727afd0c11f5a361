import DatabaseFixtures
import Domain
import JSON
import Operations
import Processes
import Stores
import Testing

extension FaultTests {
  @Suite("A source that gives only so many records of one window")
  struct SplitTests {
    @Test(
      "is read whole, each record once, and the history shows how",
      arguments: CappedShop.Manner.allCases)
    func capped(_ manner: CappedShop.Manner) async throws {
      try await Stage.with { stage in
        let days = 4
        let sales = CappedShop.sales(days: days, quiet: 150, rush: 900, seed: Scale.seed)
        let shop = CappedShop(sales, cap: 50, manner)
        try await stage.apply()
        let id = try await stage.submit(days: days)
        let state = try await stage.withFleet(of: 2, reading: shop) { _ in
          try await stage.end(of: id)
        }
        #expect(state == "succeeded")
        try await expectWhole(stage, keys: shop.keys, id)
        #expect(
          try await stage.holds(
            "b.replaced > 10 AND b.failed = 0 FROM backfill.backfill b WHERE b.id = \(id)"))
        // What a part holds it was given in one piece.
        #expect(
          try await stage.holds(
            "max(read) <= 50 FROM backfill.partition WHERE state = 'succeeded'"))
        #expect(
          try await stage.holds(
            """
            count(*) = 0 FROM backfill.partition p WHERE p.state = 'replaced' AND NOT EXISTS (
              SELECT FROM backfill.attempt a WHERE a.backfill_id = p.backfill_id
                AND a.number = p.number AND a.outcome = 'replaced' AND a.kind = 'window_too_large')
            """))
      }
    }

    @Test("is read whole although members die and connections break at any moment")
    func killed() async throws {
      try await Stage.with { stage in
        let days = 6
        let shop = CappedShop(
          CappedShop.sales(days: days, quiet: 300, rush: 1_500, seed: Scale.seed &+ 1), cap: 30)
        try await stage.apply()
        var generator = SeededGenerator(seed: Scale.seed)
        for _ in 0..<Scale.factor {
          let id = try await stage.submit(days: days)
          try await stage.withFleet(of: 3, reading: shop) { fleet in
            var faults = 0
            while try await !hasEnded(id, stage), faults < 40 {
              faults += 1
              if generator.oneIn(2) {
                try await fleet.replace(Int.random(in: 0..<3, using: &generator))
              } else {
                try await breakConnection(of: stage)
              }
            }
            #expect(faults > 3)
            #expect(try await stage.end(of: id) == "succeeded")
          }
          try await expectWhole(stage, keys: shop.keys, id)
        }
      }
    }

    @Test("fails with a sentence at the smallest window, and a retry tries only that again")
    func smallest() async throws {
      try await Stage.with { stage in
        let second = Stage.firstDay * 86_400 + 40_000
        let shop = CappedShop(Array(repeating: second, count: 60) + [second + 5], cap: 40)
        try await stage.apply()
        let id = try await stage.submit(days: 1)
        try await stage.withFleet(of: 1, reading: shop) { _ in
          #expect(try await stage.end(of: id) == "partially_failed")
          let failed = try await stage.column(
            """
            SELECT message FROM backfill.partition WHERE state = 'failed'
              AND to_at - from_at = interval '1 second'
            """, String.self)
          #expect(failed.count == 1)
          #expect(failed.first?.contains("no more than 40 sales") == true)
          #expect(failed.first?.contains("cannot be made smaller") == true)
          let asked = shop.count
          shop.lift(to: 100)
          #expect(
            try await stage.control.retryBackfill(id, partitions: [1]) == .done(partitions: 1))
          #expect(try await stage.end(of: id) == "succeeded")
          #expect(shop.count - asked <= 3)
        }
        try await expectWhole(stage, keys: shop.keys, id)
      }
    }

    @Test(
      "is read whole by a manifest and worker processes that are killed", arguments: [true, false])
    func manifest(_ tellsTotal: Bool) async throws {
      try await Stage.with { stage in
        let days = 5
        let sales = CappedShop.sales(days: days, quiet: 300, rush: 900, seed: Scale.seed &+ 3)
        let source = try CappedAPI(
          sales, cap: 60, tellsTotal: tellsTotal, latency: .milliseconds(2))
        try await stage.apply(source, tellsTotal: tellsTotal)
        let id = try await stage.submit(days: days)
        var workers = [try await stage.worker("one"), try await stage.worker("two")]
        var generator = SeededGenerator(seed: Scale.seed)
        for kill in 1...5 * Scale.factor {
          let goal = source.count + Int.random(in: 1...30, using: &generator)
          try await wait(for: "\(goal) requests, or the end") {
            if source.count >= goal { return true }
            return try await hasEnded(id, stage)
          }
          let victim = workers.remove(at: Int.random(in: 0..<2, using: &generator))
          await victim.kill()
          workers.append(try await stage.worker("after\(kill)"))
        }
        #expect(try await stage.end(of: id) == "succeeded")
        for worker in workers { await worker.process.stop() }
        try await expectWhole(stage, keys: source.keys, id)
        #expect(tellsTotal ? source.refused == 0 : source.refused > 10)
        #expect(
          try await stage.holds(
            "b.replaced > 10 AND b.failed = 0 FROM backfill.backfill b WHERE b.id = \(id)"))
        let shown = try await partitionsShown(id, stage)
        #expect(shown.contains("goes on as \(days + 1) and \(days + 2): "), "\(shown)")
        #expect(shown.contains("replaced by smaller ones"), "\(shown)")
        #expect(shown.contains("part of "), "\(shown)")
        await source.close()
      }
    }

    @Test("is cancelled while it is being split, and nothing more is split after that")
    func cancelled() async throws {
      try await Stage.with { stage in
        let days = 3
        let shop = CappedShop(
          CappedShop.sales(days: days, quiet: 900, rush: 3_000, seed: Scale.seed), cap: 10)
        try await stage.apply()
        for _ in 1...5 * Scale.factor {
          let id = try await stage.submit(days: days)
          try await stage.withFleet(of: 2, reading: shop) { _ in
            try await wait(for: "some splits") {
              try await stage.holds(
                "b.replaced > 4 FROM backfill.backfill b WHERE b.id = \(id)")
            }
            guard case .done = try await stage.control.cancelBackfill(id) else {
              Issue.record("the cancel was refused")
              return
            }
            #expect(try await stage.end(of: id) == "cancelled")
          }
          expectNone(try await Oracle(stage: stage, days: 0..<0).tableFaults())
          expectNone(try await tilingFaults(stage, id, of: ["succeeded", "cancelled"]))
        }
      }
    }

    @Test("one heavy day does not hold up the rest: others take what one attempt cannot read")
    func outgrown() async throws {
      try await Stage.with { stage in
        // In every second of the rush there are two sales and more.
        let sales = CappedShop.sales(days: 2, quiet: 200, rush: 1_600, seed: Scale.seed &+ 2)
        let shop = CappedShop(
          sales, cap: .max, perPage: 10, latency: .milliseconds(20),
          rule: SplitRule(isAscending: true))
        try await stage.apply()
        let id = try await stage.submit(days: 2)
        let budget = PartitionBudget(pages: 20, time: 3_600_000_000)
        let state = try await stage.withFleet(of: 2, reading: shop, budget: budget) { _ in
          try await stage.end(of: id)
        }
        #expect(state == "succeeded")
        try await expectWhole(stage, keys: shop.keys, id, readsAgain: true)
        #expect(
          try await stage.holds("count(*) > 1 FROM backfill.partition WHERE kind = 'shared_out'"))
        #expect(
          try await stage.holds(
            "count(DISTINCT worker_id) > 1 FROM backfill.partition WHERE parent IS NOT NULL"))
      }
    }
  }
}

/// Whether a backfill has ended.
private func hasEnded(_ id: BackfillID, _ stage: Stage) async throws -> Bool {
  try await stage.holds("finished_at IS NOT NULL FROM backfill.backfill WHERE id = \(id)")
}

/// What `backfill partitions` shows of a backfill.
private func partitionsShown(_ id: BackfillID, _ stage: Stage) async throws -> String {
  let command = Command(
    try WorkerProcess.program(), ["partitions", "\(id)", "--database", stage.conninfo])
  return try await command.run().output.text
}

extension Stage {
  /// Applies a source that gives only so many records of one search.
  fileprivate func apply(_ source: CappedAPI, tellsTotal: Bool) async throws {
    let cap = #"cap: {records: 60, on_hit: "split"}"#
    let refusal = #"errors: [{when: {status: 400, contains: "RESULTSET_TOO_LARGE"}, do: "split"}]"#
    let document = try JSONValue.parse(
      """
      {sources: {shop: {connector: "rest", base_url: "\(source.address)", streams: {orders: {
        key: "order:{id}", event_time: "at", policy: "keep_first", path: "/search", records: "data",
        query: {from: "{window.from}", to: "{window.to}"},
        window: {from: "gte", to: "lt", format: "epoch_seconds"},
        pagination: {type: "cursor", path: "next", parameter: "after", size: \(CappedAPI.perPage)},
        \(tellsTotal ? "total: 'total', \(cap)" : refusal), retry: {attempts: 100, base: "50ms"}
      }}}}}
      """, dialect: .json5)
    let applied = try AppliedConfiguration(document, directory: "/")
    try await Application(pool: pool).apply(applied.configuration)
  }
}

/// Ends the session of some member, one that is at work where there is one.
private func breakConnection(of stage: Stage) async throws {
  _ = try await stage.column(
    """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'member' AND datname = current_database()
      ORDER BY (query LIKE '/* splitPartition%')::int + (state = 'active')::int DESC,
        query_start DESC LIMIT 1
    """, Bool.self)
}

/// Expects that the store holds what the shop sold, each sale once, and that the partitions that
/// succeeded tile the window.
private func expectWhole(
  _ stage: Stage, keys: [String], _ id: BackfillID, readsAgain: Bool = false
) async throws {
  let stored = try await stage.column("SELECT key FROM backfill.document", String.self)
  #expect(stored.count == keys.count)
  #expect(Set(stored) == Set(keys))
  #expect(
    try await stage.holds("count(*) = 0 FROM backfill.document WHERE version > 1"))
  // Each part is read from its beginning, so together they read every record once; only what lies
  // at a cut between a part that is done and the rest is read twice.
  let read = try await stage.value(
    "SELECT sum(read)::bigint FROM backfill.partition WHERE state = 'succeeded' AND backfill_id = \(id)",
    Int64.self)
  if readsAgain {
    #expect(read >= keys.count)
  } else {
    #expect(read == keys.count)
  }
  expectNone(try await Oracle(stage: stage, days: 0..<0).tableFaults())
  expectNone(try await tilingFaults(stage, id, of: ["succeeded"]))
}

/// What keeps the partitions in some states from tiling the window of their backfill.
private func tilingFaults(
  _ stage: Stage, _ id: BackfillID, of states: [String]
) async throws -> [String] {
  let list = states.map { "'\($0)'" }.joined(separator: ", ")
  return try await stage.column(
    """
    SELECT 'the parts of backfill ' || b.id || ' are ' || range_agg(tstzrange(p.from_at, p.to_at))
        || ', in all ' || sum(p.to_at - p.from_at)
      FROM backfill.backfill b JOIN backfill.partition p ON p.backfill_id = b.id
      WHERE b.id = \(id) AND p.state IN (\(list))
      GROUP BY b.id
      HAVING range_agg(tstzrange(p.from_at, p.to_at)) <> tstzmultirange(tstzrange(b.from_at, b.to_at))
        OR sum(p.to_at - p.from_at) <> b.to_at - b.from_at
    """, String.self)
}
