import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

/// Several meet in the one way in which they could wait for each other in a circle, were one of them
/// to take its locks in another order.
///
/// A victim of a deadlock throws.
@Suite("Locks that meet")
struct LockOrderTests {
  @Test("of a commit, a cancel and the tables of a new day are waited for in one order")
  func dayDuringCancel() async throws {
    try await Fixture.with(connections: 8) { store in
      let backfill = try await store.submit(days: 1)
      let claimed = try await store.claimOne()
      try await store.database.withConnection { holder in
        // The key is being written by another, so the commit waits with its partition's lock.
        try await holder.execute(
          """
          BEGIN;
          INSERT INTO backfill.document (batch_id, event_at, stream_id, version, key, payload_hash,
              payload)
            VALUES (0, now(), \(store.stream.id), 1, 'order:k', '', '{}')
          """)
        async let answer = store.commit(claimed, [record("k")], cursor: "1")
        #expect(try await store.eventuallyWaiting(1))
        async let cancelled = store.cancelOnce(backfill)
        #expect(try await store.eventuallyWaiting(2))
        async let day: Void = store.history.addDay(Self.day)
        #expect(try await store.eventuallyWaiting(3))
        try await holder.execute("ROLLBACK")
        #expect(
          try await answer == .committed(OutcomeCounts([.inserted: 1]), partition: .running))
        #expect(try await cancelled == 1)
        try await day
      }
      #expect(try await store.days() == 3)
    }
  }

  @Test("of a fold, a cancel and the tables of a new day are waited for in one order")
  func dayDuringFold() async throws {
    try await Fixture.with(connections: 8) { store in
      let backfill = try await store.submit(days: 1)
      _ = try await store.commit(try await store.claimOne(), [record("k")], cursor: "1")
      try await store.database.withConnection { operatorsOrder in
        try await operatorsOrder.execute("BEGIN")
        _ = try await operatorsOrder.query(ControlStore.lock, (backfill.rawValue))
        async let pass = store.sequencer.fold(limit: 10)
        #expect(try await store.eventuallyWaiting(1))
        async let day: Void = store.history.addDay(Self.day)
        #expect(try await store.eventuallyWaiting(2))
        #expect(try await operatorsOrder.query(ControlStore.cancel, (backfill.rawValue)) == [1])
        try await operatorsOrder.execute("COMMIT")
        #expect(try await pass?.tallies == 1)
        try await day
      }
      #expect(try await store.days() == 3)
    }
  }

  @Test("of a claim and a document that names the sources in another order")
  func applyDuringClaim() async throws {
    try await Fixture.with(connections: 8) { store in
      let other = try await Fixture.applySource(
        "other", ["other.orders"], concurrency: nil, in: store.pool)[0]
      _ = try await store.submit(days: 1)
      _ = try await store.submit(days: 1, stream: other)
      try await store.database.withConnection { holder in
        try await holder.execute(
          "BEGIN; SELECT FROM backfill.source WHERE name = 'shop' FOR NO KEY UPDATE")
        async let applied: Void = store.catalog.applySources(
          ["other", "shop"].map { name in
            AppliedSource(
              name: name, definition: "{}", concurrency: 3,
              streams: [AppliedSource.Stream(name: "\(name).orders", definition: "{}")])
          })
        #expect(try await store.eventuallyWaiting(1))
        async let claimed = store.claim(2)
        #expect(try await store.eventuallyWaiting(2))
        try await holder.execute("ROLLBACK")
        try await applied
        #expect(try await claimed.count == 2)
      }
    }
  }

  @Test("of those who close the same rejections")
  func rejections() async throws {
    // Whoever takes the rows as they lie takes them in the opposite order.
    let session = StoreSession.settings.merging(["enable_indexscan": "off"]) { $1 }
    try await Fixture.with(connections: 8, session: session) { store in
      let backfill = try await store.submit(days: 3)
      try await store.execute(
        """
        INSERT INTO backfill.rejection (id, stream_id, backfill_id, number, batch_id, position,
            retryable, reason, message, record)
          OVERRIDING SYSTEM VALUE
          SELECT 4 - n, \(store.stream.id), \(backfill), n, 1, 1, false, 'key', 'none', ''
            FROM generate_series(1, 3) AS n ORDER BY n
        """)
      let rejections = RejectionStore(pool: store.pool)
      try await store.database.withConnection { holder in
        try await holder.execute(
          "BEGIN; SELECT FROM backfill.rejection WHERE number = 2 FOR UPDATE")
        async let discarded = rejections.discardRejections(of: backfill)
        #expect(try await store.eventuallyWaiting(1))
        async let locked = store.pool.withTransaction { connection in
          try await connection.query(RejectionStore.lock, ([1, 2, 3]))
        }
        #expect(try await store.eventuallyWaiting(2))
        try await holder.execute("ROLLBACK")
        #expect(try await [discarded, locked.count].sorted() == [0, 3])
      }
    }
  }

  private static let day = CivilDate(dayNumber: 22_400)
}

extension Fixture {
  fileprivate var history: HistoryStore { HistoryStore(pool: pool) }

  /// Cancels without the second attempt that an operator's order has.
  fileprivate func cancelOnce(_ backfill: BackfillID) async throws -> Int32? {
    try await pool.withTransaction { connection in
      _ = try await connection.query(ControlStore.lock, (backfill.rawValue))
      return try await connection.query(ControlStore.cancel, (backfill.rawValue)).first
    }
  }

  /// How many tables there are of days.
  fileprivate func days() async throws -> Int64 {
    try await value(
      "SELECT count(*) FROM pg_class WHERE relname ~ '_[0-9]{8}$' AND relkind = 'r'", Int64.self)
  }
}
