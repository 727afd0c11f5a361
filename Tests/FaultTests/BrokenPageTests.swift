import HTTP
import Processes
import Stores
import Testing

extension FaultTests {
  @Suite struct BrokenPageTests {
    @Test("whatever a source answers, the attempt fails with the reason and the data stay right")
    func brokenAnswers() async throws {
      try await Stage.with(Goods(pages: 4, perPage: 20, isOdd: false)) { stage in
        let bomb = try await BrokenAnswer.bomb()
        let (source, address) = (stage.source, stage.source.address)
        let cases = BrokenAnswer.allCases
        source.answer { asked in
          let index = asked.day - Stage.firstDay
          guard cases.indices.contains(index),
            (asked.source == "links") == (cases[index] == .linkToOtherHost)
          else { return asked.source == "links" ? .json(200, Array(#"{"data":[]}"#.utf8)) : nil }
          return await cases[index].response(
            to: asked, whole: source.page(asked),
            first: source.goods.page(asked.day, 0, revision: 1), address: address, bomb: bomb)
        }
        let limits =
          "limits: {first_byte_seconds: 1, idle_seconds: 1, page_bytes: 200000, pages_per_partition: 20},"
        let retry = #"{attempts: 2, base: "20ms"}"#
        try await stage.apply(retry: retry, source: limits)
        try await stage.apply(
          "links", retry: retry, source: limits, pagination: #"{type: "next_url", path: "next"}"#)
        let days = cases.count + 6
        let id = try await stage.submit(days: days)
        let links = try await stage.submit(days: days, of: "links")
        let worker = try await stage.worker("one", concurrency: 6)
        #expect(try await stage.end(of: id) == "partially_failed")
        #expect(try await stage.end(of: links) == "partially_failed")
        for (index, answer) in cases.enumerated() {
          let backfill = answer == .linkToOtherHost ? links : id
          let told: String = try await stage.value(
            """
            SELECT concat_ws(' ', state, kind, message) FROM backfill.partition
              WHERE backfill_id = \(backfill) AND number = \(index + 1)
            """)
          #expect(told.hasPrefix("failed \(answer.kind) "), "\(answer)")
          #expect(told.contains(answer.words), "\(answer)")
        }
        #expect(!source.asked.contains { $0.source == "elsewhere" })
        let broken = Set(cases.indices.map { Stage.firstDay + $0 })
        try await expectSound(stage, days: days, unfinished: broken)

        source.mend()
        #expect(
          try await stage.control.retryBackfill(id, partitions: nil)
            == .done(partitions: cases.count - 1))
        #expect(try await stage.end(of: id) == "succeeded")
        await worker.process.stop()
        try await expectSound(stage, days: days)
      }
    }

    @Test("a source that asks for patience is left alone until then, and no attempt is spent")
    func patience() async throws {
      try await Stage.with(Goods(pages: 3, perPage: 20, isOdd: false)) { stage in
        let day = Stage.firstDay + 3
        stage.source.answer { asked in
          guard asked.day == day, asked.time <= 2 else { return nil }
          return Response(429, headers: ["Retry-After": "2"])
        }
        try await stage.apply(retry: "{attempts: 1}")
        let id = try await stage.submit(days: 8)
        let workers = [try await stage.worker("one"), try await stage.worker("two")]
        #expect(try await stage.end(of: id) == "succeeded")
        for worker in workers { await worker.process.stop() }
        let asked = stage.source.asked.filter { $0.day == day && $0.page == 0 }.map(\.at)
        #expect(asked.count == 3)
        let waits = zip(asked, asked.dropFirst()).map { $1 - $0 }
        report("asked for 2 s of patience, waited \(waits.map(\.seconds))")
        #expect(waits.allSatisfy { $0 >= .seconds(2) && $0 < .seconds(4) })
        // Refused ones are requests too.
        #expect(
          try await stage.holds("sum(requests) = \(stage.source.count) FROM backfill.partition"))
        #expect(try await stage.holds("sum(failures) = 0 FROM backfill.partition"))
        try await expectSound(stage, days: 8)
      }
    }

    @Test("patience that one process is asked for is kept by the others, in what they run too")
    func sharedPatience() async throws {
      try await Stage.with(Goods(pages: 60, perPage: 5, isOdd: false)) { stage in
        // Two days of more than fifty pages.
        let day = Stage.firstDay + 8
        stage.source.answer { asked in
          if asked.day == day, asked.page == 20, asked.time == 1 {
            return Response(429, headers: ["Retry-After": "6"])
          }
          await pause(.milliseconds(100))
          return nil
        }
        try await stage.apply(retry: "{attempts: 1}")
        let id = try await stage.submit(days: 2, from: day - 1)
        let workers = [
          try await stage.worker("one", concurrency: 1),
          try await stage.worker("two", concurrency: 1),
        ]
        for worker in workers { try await stage.running(1, by: worker) }
        #expect(try await stage.end(of: id) == "succeeded")
        for worker in workers { await worker.process.stop() }
        let asked = stage.source.asked
        let refused = try #require(asked.first { $0.day == day && $0.page == 20 }?.at)
        let meanwhile = asked.filter { refused < $0.at && $0.at < refused + .seconds(6) }
        let last = meanwhile.map { ($0.at - refused).seconds }.max() ?? 0
        report("\(meanwhile.count) requests of the other process, the last \(last) s after the 429")
        // Leases of 2 s are renewed every half a second, and say it then.
        #expect(meanwhile.allSatisfy { $0.day != day && $0.at < refused + .seconds(2) })
        let other = asked.filter { $0.day != day }.map(\.at)
        #expect(other.contains { $0 < refused } && other.contains { $0 > refused + .seconds(6) })
        #expect(try await stage.holds("sum(failures) = 0 FROM backfill.partition"))
        try await expectSound(stage, days: 2, from: 7)
      }
    }

    @Test("a source that limits or fails does not slow down another")
    func healthyNeighbour() async throws {
      try await Stage.with(Goods(pages: 3, perPage: 40)) { stage in
        let worker = try await stage.worker("one", concurrency: 6)
        for name in ["alone", "healthy", "sick"] { try await stage.apply(name) }
        let alone = try await time(stage, "alone")
        stage.source.answer { asked in
          guard asked.source == "sick" else { return nil }
          return asked.day % 2 == 0
            ? Response(429, headers: ["Retry-After": "1"]) : .text(503, "Not now.")
        }
        let sick = try await stage.submit(days: 60, of: "sick")
        try await wait(for: "the sick source's first answers") {
          stage.source.asked.contains { $0.source == "sick" }
        }
        let healthy = try await time(stage, "healthy")
        report(
          "60 partitions took \(alone.seconds) s alone, \(healthy.seconds) s beside a sick source")
        #expect(
          try await stage.holds("finished_at IS NULL FROM backfill.backfill WHERE id = \(sick)"))
        #expect(healthy < alone * 1.5 + .seconds(1))
        stage.source.mend()
        #expect(try await stage.end(of: sick) == "succeeded")
        await worker.process.stop()
      }
    }

    @Test("too much rejected is too much, also where the last page came with a later attempt")
    func rejectedBeforeFailure() async throws {
      try await Stage.with { stage in
        stage.source.answer { asked in
          if asked.page > 0, asked.time == 1 { return .text(503, "Not now.") }
          guard asked.page == 0 else { return .json(200, Array(#"{"data":[]}"#.utf8)) }
          let good = stage.source.goods.items(asked.day, revision: 1).prefix(20).map(\.payload)
          let bad = [String](repeating: #"{"at":"2024-01-02T00:00:00Z"}"#, count: 10)
          return .json(
            200, Array(#"{"data":[\#((good + bad).joined(separator: ","))],"next":"1"}"#.utf8))
        }
        try await stage.apply()
        let id = try await stage.submit(days: 1, from: Stage.firstDay + 1)
        let worker = try await stage.worker("one")
        #expect(try await stage.end(of: id) == "failed")
        await worker.process.stop()
        #expect(
          try await stage.holds("kind = 'too_many_rejected' FROM backfill.partition"))
      }
    }

    private func time(_ stage: Stage, _ source: String) async throws -> Duration {
      let startedAt = ContinuousClock.now
      let id = try await stage.submit(days: 60, of: source)
      #expect(try await stage.end(of: id) == "succeeded")
      return .now - startedAt
    }
  }
}
