import DatabaseFixtures
import Domain
import HTTP
import Operations
import Postgres
import Stores
import Testing

@Suite("Notices survive those who deliver them")
struct CrashTests {
  @Test("who dies between sending and writing that down has it sent again, under the same id")
  func between() async throws {
    let doomed = Locked<Pool?>(nil)
    let sink = try Sink { _ in
      // As a process that is killed: from here on nothing it does reaches the database.
      await doomed.withLock { $0 }?.close()
      return Response(200)
    }
    try await World.with(secrets: ["HOOK": hookSecret]) { world in
      try await world.subscribe(.of("finance", sources: ["stripe"], by: sink.webhook()))
      try await finish(1, in: world)
      let pool = Pool(
        world.database.settings(), PoolLimits(connections: 2),
        generator: SeededGenerator(seed: 2))
      doomed.withLock { $0 = pool }
      let dying = World(
        database: world.database, pool: pool, worker: world.worker, secrets: world.secrets)
      try await dying.notifier().deliverDue()
      doomed.withLock { $0 = nil }
      #expect(dying.told.all.map(\.name) == ["program.troubled", "program.troubled"])

      // The lease holds it back from others for a while.
      #expect(try await world.notifier().deliverDue() == 0)
      #expect(try await states(in: world) == [.pending])
      try await world.makeAllDue()
      #expect(try await world.notifier().deliverDue() == 1)
      #expect(try await states(in: world) == [.delivered])
      #expect(sink.ids.count == 2 && Set(sink.ids).count == 1)
    }
  }

  @Test("its sessions ended while it sends, a notifier writes down all the same what it sent")
  func sessionsEnded() async throws {
    let database = Locked<Database?>(nil)
    let sink = try Sink { _ in
      let killed = try? await database.withLock { $0 }?.withConnection { connection in
        try await connection.value(
          """
          SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
          """, Int64.self)
      }
      return Response(killed.map { $0 > 0 } == true ? 200 : 500)
    }
    try await World.with(secrets: ["HOOK": hookSecret]) { world in
      try await world.subscribe(.of("finance", sources: ["stripe"], by: sink.webhook()))
      try await finish(1, in: world)
      database.withLock { $0 = world.database }
      #expect(try await world.notifier().deliverDue() == 1)
      #expect(try await states(in: world) == [.delivered])
      #expect(sink.ids.count == 1)
    }
  }

  @Test("no transaction is open while a notice is under way")
  func noTransaction() async throws {
    let database = Locked<Database?>(nil)
    let open = Locked<[Int64?]>([])
    let sink = try Sink { _ in
      let count = try? await database.withLock { $0 }?.withConnection { connection in
        try await connection.value(
          """
          SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
              AND xact_start IS NOT NULL
          """, Int64.self)
      }
      open.withLock { $0.append(count) }
      return Response(200)
    }
    try await World.with(secrets: ["HOOK": hookSecret]) { world in
      try await world.subscribe(.of("finance", sources: ["stripe"], by: sink.webhook()))
      try await finish(1, in: world)
      database.withLock { $0 = world.database }
      #expect(try await world.notifier().deliverDue() == 1)
      #expect(open.withLock { $0 } == [0])
    }
  }

  @Test("several who deliver at once do not send anything twice")
  func atOnce() async throws {
    let sink = try Sink()
    try await World.with(secrets: ["HOOK": hookSecret]) { world in
      try await world.subscribe(.of("finance", sources: ["stripe"], by: sink.webhook()))
      try await finish(60, in: world)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          let notifier = try world.notifier()
          group.addTask { _ = await notifier.deliverDue() }
        }
        try await group.waitForAll()
      }
      #expect(sink.ids.count == 60)
      #expect(try await Set(sink.ids) == committed(in: world))
    }
  }

  @Test("whoever dies whenever, what arrives is exactly what was committed", arguments: [1, 2, 3])
  func killed(seed: UInt64) async throws {
    let generator = Locked(SeededGenerator(seed: seed))
    let doomed = Locked<Pool?>(nil)
    let sink = try Sink { _ in
      let (dies, fails) = generator.withLock { ($0.oneIn(4), $0.oneIn(5)) }
      if dies { await doomed.withLock { $0 }?.close() }
      return Response(fails ? 503 : 200)
    }
    try await World.with(secrets: ["HOOK": hookSecret]) { world in
      try await world.subscribe(.of("finance", sources: ["stripe"], by: sink.webhook()))
      try await finish(12, in: world)
      for _ in 0..<30 {
        let pool = Pool(
          world.database.settings(), PoolLimits(connections: 2),
          generator: SeededGenerator(seed: seed))
        doomed.withLock { $0 = pool }
        let dying = World(
          database: world.database, pool: pool, worker: world.worker, secrets: world.secrets)
        try await dying.notifier().deliverDue()
        await pool.close()
        try await world.makeAllDue()
      }
      doomed.withLock { $0 = nil }
      while try await states(in: world).contains(.pending) {
        try await world.notifier().deliverDue()
        try await world.makeAllDue()
      }
      #expect(try await Set(sink.ids) == committed(in: world), "seed \(seed)")
      #expect(sink.ids.count > 12, "seed \(seed): nobody died or failed")
    }
  }

  /// Ends so many backfills, and as many more whose ending is rolled back.
  private func finish(_ count: Int, in world: World) async throws {
    for _ in 0..<count { _ = try await world.submit("stripe.charges", days: 1) }
    try await world.succeed()
    try await world.fold()
    _ = try await world.submit("stripe.charges", days: 1)
    try await world.succeed()
    try await world.execute(
      """
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'refused'; END $$;
      CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON backfill.delivery
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()
      """)
    await #expect(throws: PostgresError.self) { try await world.fold() }
  }

  private func committed(in world: World) async throws -> Set<String> {
    Set(try await world.notices.listNotices(limit: 1_000).map(\.id.rawValue))
  }

  private func states(in world: World) async throws -> [NoticeRow.Delivery.State] {
    try await world.notices.listNotices(limit: 1_000).flatMap(\.deliveries).map(\.state)
  }
}
