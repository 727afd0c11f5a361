import DatabaseFixtures
import Processes
import Testing
import WireFixtures

extension FaultTests {
  @Suite struct LeaseTests {
    @Test("the partitions of a killed worker run again within the usual lease of 15 s")
    func claimedAgain() async throws {
      try await Stage.with { stage in
        let pages = HeldPages()
        stage.source.answer(by: pages.rule)
        try await stage.apply(retry: "{}")
        let id = try await stage.submit(days: 2)
        let victim = try await stage.worker("victim", concurrency: 2, lease: 15)
        try await stage.running(2, by: victim)
        let killedAt = ContinuousClock.now
        await victim.kill()
        let other = try await stage.worker("other", concurrency: 2, lease: 15)
        try await stage.running(2, by: other)
        let took = ContinuousClock.now - killedAt
        report("partitions of a killed worker ran again after \(took.seconds) s of at most 15")
        #expect(took < .seconds(15))
        pages.letGo()
        #expect(try await stage.end(of: id) == "succeeded")
        await other.process.stop()
      }
    }

    @Test(
      "a worker stopped past its lease while it reads commits nothing when it goes on",
      arguments: [true, false])
    func stoppedWhileReading(isReplaced: Bool) async throws {
      try await Stage.with { stage in
        let pages = HeldPages { $0.page == 0 && $0.time == 1 }
        stage.source.answer(by: pages.rule)
        try await stage.apply()
        let id = try await stage.submit(days: 3)
        let sleeper = try await stage.worker("sleeper", concurrency: 3, lease: 1)
        try await stage.running(3, by: sleeper)
        let fence: Int64 = try await stage.value("SELECT max(fence) FROM backfill.partition")
        sleeper.process.send(.stop)
        try await stage.leasesRanOut()
        let other = isReplaced ? try await stage.worker("other", lease: 1) : nil
        if isReplaced { #expect(try await stage.end(of: id) == "succeeded") }
        pages.letGo()
        sleeper.process.send(.resume)
        #expect(try await stage.end(of: id) == "succeeded")
        await sleeper.process.stop()
        await other?.process.stop()
        #expect(try await stage.holds("count(*) = 0 FROM backfill.batch WHERE fence <= \(fence)"))
        try await expectSound(stage, days: 3)
      }
    }

    @Test(
      "a commit that waited past its lease is refused, although it was sent in time",
      arguments: [true, false])
    func stoppedBeforeJudgement(isReplaced: Bool) async throws {
      try await Stage.with { stage in
        let pages = HeldPages { $0.page == 0 }
        stage.source.answer(by: pages.rule)
        try await stage.apply()
        let id = try await stage.submit(days: 1, from: Stage.firstDay + 1)
        let sleeper = try await stage.worker("sleeper", lease: 1)
        try await wait(for: "a page that is held") { pages.count == 1 }
        let fence = try await stage.holdingPartition("number = 1") { letGo in
          pages.letGo()
          try await stage.commitWaits(of: sleeper)
          sleeper.process.send(.stop)
          try await stage.leasesRanOut()
          let fence: Int64 = try await stage.value("SELECT max(fence) FROM backfill.partition")
          try await letGo()
          return fence
        }
        try await wait(for: "the judgement") {
          try await stage.backends(
            of: sleeper, where: "query LIKE '/* commitBatch%' AND state = 'active'"
          ).isEmpty
        }
        #expect(try await stage.holds("count(*) = 0 FROM backfill.batch"))
        let other = isReplaced ? try await stage.worker("other", lease: 1) : nil
        if isReplaced { #expect(try await stage.end(of: id) == "succeeded") }
        sleeper.process.send(.resume)
        #expect(try await stage.end(of: id) == "succeeded")
        await sleeper.process.stop()
        await other?.process.stop()
        #expect(try await stage.holds("count(*) = 0 FROM backfill.batch WHERE fence <= \(fence)"))
        try await expectSound(stage, days: 1, from: 1)
      }
    }

    @Test(
      "a worker stopped inside a COPY keeps nobody from its partition, and commits nothing",
      arguments: [true, false])
    func stoppedInsideCopy(whenOtherHasEnded: Bool) async throws {
      try await Stage.with(Goods(pages: 1, perPage: 500, filler: 1_000, isOdd: false)) { stage in
        let isFirst = Once()
        let proxy = try CuttingProxy(to: stage) { message in
          message.isCommitData && isFirst.take() ? .hold : .pass
        }
        let pages = HeldPages { !whenOtherHasEnded && $0.time == 2 }
        stage.source.answer(by: pages.rule)
        try await stage.apply()
        let id = try await stage.submit(days: 1)
        let sleeper = try await stage.worker(
          "sleeper", concurrency: 1, lease: 2, through: proxy.conninfo(stage))
        try await wait(for: "half a COPY") { proxy.held == 1 }
        sleeper.process.send(.stop)
        let isInCopy = "query LIKE '/* commitBatch%' AND state = 'active'"
        #expect(
          try await stage.backends(of: sleeper, where: "\(isInCopy) AND wait_event = 'ClientRead'")
            .count == 1)
        try await stage.leasesRanOut()
        let fence: Int64 = try await stage.value("SELECT max(fence) FROM backfill.partition")
        let other = try await stage.worker("other", lease: 15)
        if whenOtherHasEnded {
          #expect(try await stage.end(of: id) == "succeeded")
        } else {
          // It has claimed and not committed: nothing but the fence tells the two apart.
          try await wait(for: "a page that is held") { pages.count == 1 }
        }
        proxy.letGo()
        try await wait(for: "the end of the COPY") {
          try await stage.backends(of: sleeper, where: isInCopy).isEmpty
        }
        let refused = "count(*) = 0 FROM backfill.batch WHERE fence <= \(fence)"
        #expect(try await stage.holds(refused))
        sleeper.process.send(.resume)
        pages.letGo()
        #expect(try await stage.end(of: id) == "succeeded")
        await sleeper.process.stop()
        await other.process.stop()
        proxy.stop()
        #expect(try await stage.holds(refused))
        #expect(try await stage.holds("count(DISTINCT worker_id) = 1 FROM backfill.batch"))
        try await expectSound(stage, days: 1)
      }
    }

    @Test("what a worker had sent in time is committed while it is stopped, and it goes no further")
    func stoppedInsideTransaction() async throws {
      try await Stage.with(Goods(pages: 6, perPage: 20, isOdd: false)) { stage in
        let pages = HeldPages { $0.page == 3 && $0.time == 1 }
        let barrier = try await CommitBarrier.put(on: stage)
        stage.source.answer(by: pages.rule)
        try await stage.apply()
        try await barrier.close()
        // A day of more than three pages; the first three are one batch, which age alone ends.
        let id = try await stage.submit(days: 1, from: Stage.firstDay + 1)
        let sleeper = try await stage.worker("sleeper", concurrency: 1, lease: 2)
        try await stage.running(1, by: sleeper)
        pages.letGo()
        try await barrier.reached(by: sleeper)
        sleeper.process.send(.stop)
        try await stage.leasesRanOut()
        try await barrier.open()
        try await wait(for: "the commit of a stopped worker") {
          try await stage.holds("count(*) = 1 FROM backfill.batch")
        }
        let other = try await stage.worker("other", lease: 1)
        #expect(try await stage.end(of: id) == "succeeded")
        sleeper.process.send(.resume)
        await sleeper.process.stop()
        await other.process.stop()
        await barrier.remove()
        try await expectSound(stage, days: 1, from: 1)
      }
    }

    @Test("after the last fault everything ends within lease, backoff and work")
    func liveness() async throws {
      try await Stage.with { stage in
        try await stage.apply()
        for _ in 0..<Scale.factor {
          let id = try await stage.submit(days: 40)
          let first = [
            try await stage.worker("first1", lease: 2), try await stage.worker("first2", lease: 2),
          ]
          try await stage.running(2, by: first[0])
          try await stage.running(1, by: first[1])
          for worker in first { await worker.kill() }
          let last = try await stage.worker("last", lease: 2)
          let faultsEndedAt = ContinuousClock.now
          #expect(try await stage.end(of: id) == "succeeded")
          let took = ContinuousClock.now - faultsEndedAt
          report("40 partitions ended \(took.seconds) s after the last fault, with a lease of 2 s")
          #expect(took < .seconds(2 + 2 + 10))
          #expect(
            try await stage.holds(
              """
              count(*) = 0 FROM backfill.partition
                WHERE state = 'running' AND lease_until < clock_timestamp()
              """))
          await last.process.stop()
          try await expectSound(stage, days: 40)
          stage.source.revision += 1
        }
      }
    }
  }
}
