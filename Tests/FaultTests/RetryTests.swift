import HTTP
import Processes
import Stores
import Testing

extension FaultTests {
  @Suite struct RetryTests {
    @Test("a retry leaves every succeeded partition and its documents untouched, byte for byte")
    func onlyWhatFailed() async throws {
      try await Stage.with { stage in
        let broken: Set<Int> = [Stage.firstDay + 2, Stage.firstDay + 5, Stage.firstDay + 6]
        stage.source.answer { asked in
          broken.contains(asked.day) ? .text(404, "There is no such day.") : nil
        }
        try await stage.apply()
        let id = try await stage.submit(days: 12)
        let worker = try await stage.worker("one")
        #expect(try await stage.end(of: id) == "partially_failed")
        #expect(
          try await stage.holds("count(*) = 3 FROM backfill.partition WHERE state = 'failed'"))

        let before = try await succeeded(stage)
        let asked = stage.source.count
        stage.source.mend()
        #expect(try await stage.control.retryBackfill(id, partitions: nil) == .done(partitions: 3))
        #expect(Set(try await succeeded(stage)).isSuperset(of: before))
        #expect(try await stage.end(of: id) == "succeeded")
        let after = Set(try await succeeded(stage))
        #expect(before.count > 9)
        #expect(before.filter { !after.contains($0) } == [])
        #expect(Set(stage.source.asked.dropFirst(asked).map(\.day)) == broken)
        await worker.process.stop()
        try await expectSound(stage, days: 12)
      }
    }

    @Test("what was backfilled already is read again without a write to the documents")
    func replay() async throws {
      try await Stage.with { stage in
        try await stage.apply()
        let worker = try await stage.worker("one")
        try await stage.end(of: try await stage.submit(days: 6))
        let before = try await documents(stage)
        let id = try await stage.submit(days: 6)
        #expect(try await stage.end(of: id) == "succeeded")
        #expect(try await documents(stage) == before)
        await worker.process.stop()
        try await expectSound(stage, days: 6)
      }
    }

    /// Every succeeded partition, batch, attempt and document: where it lies, who wrote it, what.
    private func succeeded(_ stage: Stage) async throws -> [String] {
      try await stage.column(
        """
        SELECT 'p' || p.ctid || p.xmin || p::text FROM backfill.partition p
          WHERE p.state = 'succeeded'
        UNION ALL
        SELECT 'b' || b.ctid || b.xmin || b::text FROM backfill.batch b
        UNION ALL
        SELECT 'a' || a.ctid || a.xmin || a::text FROM backfill.attempt a
        """, String.self) + documents(stage)
    }

    private func documents(_ stage: Stage) async throws -> [String] {
      try await stage.column(
        "SELECT 'd' || d.ctid || d.xmin || d::text FROM backfill.document d ORDER BY key",
        String.self)
    }
  }
}
