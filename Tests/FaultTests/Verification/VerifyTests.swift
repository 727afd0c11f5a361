import DatabaseFixtures
import Domain
import JSON
import Operations
import Processes
import Stores
import Testing

/// Verification against a source over HTTP, with a real server and real workers.
@Suite(.serialized) struct VerifyTests {
  /// How the ledger can be asked to verify.
  private static let ways = [
    "{}", #"{list: {path: "/all"}}"#,
    #"{count: {path: "/count", query: {from: "{window.from}", to: "{window.to}"}, value: "count"}}"#,
    #"""
    {count: {path: "/count", query: {from: "{window.from}", to: "{window.to}"}, value: "count"},
      sum: {amount: {value: "cents", scale: 2, currency: "EUR"}}}
    """#,
  ]

  @Test(
    "a store that has what the source has is verified, and no document is touched", arguments: ways)
  func equal(verify: String) async throws {
    try await VerifyStage.with { it in
      try await it.apply(verify: verify)
      let id = try await it.load()
      let before = try await it.documents()
      let (_, proof) = try await it.verify(id)
      #expect(proof.isEqual)
      #expect(proof.partitions == VerifyStage.days)
      #expect(proof.counts.source == Int64(VerifyStage.days * VerifyStage.perDay))
      #expect(proof.counts.store == proof.counts.source)
      #expect(try await it.documents() == before)
      let row = try #require(try await BackfillStore(pool: it.stage.pool).findBackfill(id))
      #expect(row.verified == VerifyStage.days)
      #expect(
        try await it.stage.value("SELECT count(*) FROM backfill.verify_key", Int64.self) == 0)
    }
  }

  @Test("what a broken reader leaves out is found, be it one record at an edge", arguments: ways)
  func brokenReader(verify: String) async throws {
    for lost in ["2-0", "3-49", "0-0", "5-49", "1-20"] {
      try await VerifyStage.with { it in
        try await it.apply(verify: verify)
        let id = try await it.load { $0.contains("\"id\":\"\(lost)\"") }
        let (verification, proof) = try await it.verify(id)
        #expect(!proof.isEqual)
        #expect(proof.counts[.missing] == 1)
        #expect(proof.counts.differences == 1)
        #expect(try await it.differences(of: verification) == ["entry:\(lost)": .missing])
        let row = try #require(try await BackfillStore(pool: it.stage.pool).findBackfill(id))
        #expect(row.verified == VerifyStage.days - 1)
      }
    }
  }

  @Test("changed, gone and new records are told apart, and only what differs is read again")
  func kinds() async throws {
    try await VerifyStage.with { it in
      try await it.apply()
      let id = try await it.load()
      it.api.change { entries in
        entries[60].cents += 500
        entries[60].revision = 2
        entries.removeAll { $0.id == "2-10" }
        entries.append(.init(id: "new", at: VerifyStage.at(4), cents: 700))
      }
      let before = try await it.documents()
      let (verification, proof) = try await it.verify(id)
      #expect(
        try await it.differences(of: verification) == [
          "entry:1-10": .different, "entry:2-10": .gone, "entry:new": .missing,
        ])
      #expect(proof.partitions - proof.equal == 3)
      #expect(proof.goneSums.map(\.amount) == ["12.10"])
      #expect(try await it.documents() == before, "a gone record is marked beside its document")

      let asked = it.api.asked.count
      let again = Verification(pool: it.stage.pool, now: Stage.now)
      let repair = try #require(try await again.repair(id, requestedBy: "test"))
      try await it.work {
        #expect(try await it.stage.end(of: repair) == "succeeded")
        let verified = try #require(
          try await VerificationStore(pool: it.stage.pool).findVerification(of: repair))
        #expect(try await it.stage.end(of: verified) == "succeeded")
        #expect(try await it.proof(of: verified).isEqual)
      }
      let partitions: [String] = try await it.stage.column(
        "SELECT from_at::date::text FROM backfill.partition WHERE backfill_id = \(repair) ORDER BY 1"
      )
      #expect(partitions.count == 2)
      #expect(it.api.asked.count > asked)

      let (_, whole) = try await it.verify(id)
      #expect(whole.isEqual)
      let row = try #require(try await BackfillStore(pool: it.stage.pool).findBackfill(id))
      #expect(row.verified == VerifyStage.days)
    }
  }

  @Test("what comes again is not gone, whether a load or a verification meets it")
  func comesAgain() async throws {
    try await VerifyStage.with { it in
      try await it.apply()
      let id = try await it.load()
      let gone = "SELECT key FROM backfill.gone ORDER BY key"
      func remove(_ name: String) -> LedgerAPI.Entry? {
        var removed: LedgerAPI.Entry?
        it.api.change { entries in
          removed = entries.first { $0.id == name }
          entries.removeAll { $0.id == name }
        }
        return removed
      }
      let (one, other) = (try #require(remove("0-3")), try #require(remove("3-3")))
      _ = try await it.verify(id)
      #expect(try await it.stage.column(gone, String.self) == ["entry:0-3", "entry:3-3"])
      it.api.change { $0.append(one) }
      let (_, proof) = try await it.verify(id)
      #expect(proof.isEqual)
      #expect(try await it.stage.column(gone, String.self) == ["entry:3-3"])
      it.api.change { $0.append(other) }
      _ = try await it.load()
      #expect(try await it.stage.column(gone, String.self) == [])
    }
  }

  @Test("where the first write stays, another payload is kept and stands not against the proof")
  func keepsFirst() async throws {
    try await VerifyStage.with { it in
      try await it.apply(policy: "keep_first")
      let id = try await it.load()
      it.api.change { $0[70].cents = 1 }
      let (_, proof) = try await it.verify(id)
      #expect(proof.isEqual)
      #expect(proof.counts[.kept] == 1)
    }
  }

  @Test("a verification asked for with a load begins with its end, and a later write voids it")
  func atTheEnd() async throws {
    try await VerifyStage.with { it in
      try await it.apply()
      let id = try await it.load(verified: true)
      let verification = try #require(
        try await VerificationStore(pool: it.stage.pool).findVerification(of: id))
      try await it.work { try await it.succeeded(verification) }
      #expect(try await it.proof(of: verification).isEqual)
      it.api.change { entries in
        entries[0].cents = 5
        entries[0].revision = 2
      }
      _ = try await it.load()
      let verified: [Int32] = try await it.stage.column(
        """
        SELECT number FROM backfill.partition
          WHERE backfill_id = \(id) AND verified_at IS NOT NULL ORDER BY 1
        """)
      #expect(verified == [2, 3, 4, 5, 6])
      let row = try #require(try await BackfillStore(pool: it.stage.pool).findBackfill(id))
      #expect(row.verified == VerifyStage.days - 1)
    }
  }

  @Test("a verification whose worker is killed goes on and comes to the same")
  func killed() async throws {
    try await VerifyStage.with { it in
      try await it.apply(verify: #"{list: {path: "/all"}}"#)
      let id = try await it.load { $0.contains(#""id":"2-7""#) }
      it.api.change { $0.removeAll { $0.id == "4-4" } }
      let verification = try await Verification(pool: it.stage.pool, now: Stage.now)
        .submit(id, requestedBy: "test")
      // So slow that a batch is committed by its age long before the list ends.
      it.api.hold { path in if path == "all" { await pause(.milliseconds(300)) } }
      let victim = try await it.stage.worker("victim", concurrency: 1, lease: 1)
      try await wait(for: "the first batch of a list") {
        try await it.stage.holds(
          "count(*) > 0 FROM backfill.batch WHERE backfill_id = \(verification)")
      }
      await victim.kill()
      it.api.hold(nil)
      try await it.work { try await it.succeeded(verification) }
      #expect(
        try await it.differences(of: verification) == [
          "entry:2-7": .missing, "entry:4-4": .gone,
        ])
      #expect(try await it.proof(of: verification).counts.source == 299)
    }
  }
}
