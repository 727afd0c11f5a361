import JSON
import Testing

@testable import Domain

@Suite("What equal means")
struct VerdictTests {
  /// The table of the documentation, row by row: keep_first, new_version, reject.
  private static let table: [(Standing, Bool, [Verdict])] = [
    (.same, false, [.equal, .equal, .equal]),
    (.other, false, [.kept, .different, .kept]),
    (.older, false, [.kept, .stale, .kept]),
    (.absent, false, [.missing, .missing, .missing]),
    (.refused, false, [.refused, .refused, .refused]),
    (.unrefused, false, [.missing, .missing, .missing]),
    (.broken, false, [.kept, .different, .kept]),
    (.unlisted, false, [.gone, .gone, .gone]),
    (.unlisted, true, [.moved, .moved, .moved]),
    (.unsettled, false, [.unsettled, .unsettled, .unsettled]),
  ]

  @Test("follows from how the store stands to a record and from the policy")
  func verdicts() {
    for (standing, isElsewhere, expected) in Self.table {
      let policies: [Policy] = [.keepFirst, .newVersion, .reject]
      let verdicts = policies.map { Verdict.of(standing, under: $0, isElsewhere: isElsewhere) }
      #expect(verdicts == expected, "\(standing)")
    }
    #expect(Set(Self.table.map(\.0)) == Set(Standing.allCases), "no standing is left out")
  }

  @Test("stands against the proof only where something is missing, gone or different")
  func differences() {
    #expect(Verdict.allCases.filter(\.isDifference) == [.missing, .gone, .different])
    #expect(Verdict.allCases.filter(\.isMendedByReading) == [.missing, .different])
  }

  @Test("sums are equal where single records explain all of the gap")
  func sums() throws {
    func sum(_ source: String, _ store: String?, _ explained: String = "0") throws -> DaySum {
      DaySum(
        key: .init(measure: "amount", day: CivilDate(dayNumber: 0), currency: "EUR"),
        source: try #require(Amount(source)), store: store.flatMap { Amount($0) },
        explained: try #require(Amount(explained)))
    }
    #expect(try sum("12.50", "12.5").isEqual)
    #expect(try !sum("12.50", "12.51").isEqual)
    #expect(try sum("12.50", "10", "-2.50").isEqual)
    #expect(try !sum("12.50", "12.50", "-2.50").isEqual)
    #expect(try sum("12.50", nil).isEqual, "nothing is compared while the store is written to")
  }

  @Test("totals are evidence only where there are some, and each of them must agree")
  func totals() throws {
    func eur(_ amount: String) throws -> [SourceTotals.Sum] {
      [.init(measure: "amount", currency: "EUR", amount: try #require(Amount(amount)))]
    }
    let store = SourceTotals(records: 3, sums: try eur("4.50"))
    #expect(SourceTotals(records: 3).isEqual(to: store))
    #expect(!SourceTotals(records: 2).isEqual(to: store))
    #expect(!SourceTotals(records: nil).isEqual(to: store))
    #expect(SourceTotals(records: nil, sums: try eur("4.5")).isEqual(to: store))
    #expect(!SourceTotals(records: 3, sums: try eur("4.51")).isEqual(to: store))
    #expect(SourceTotals(records: 0, sums: try eur("0")).isEqual(to: SourceTotals(records: 0)))
  }

  @Test("a checkpoint is read back as it was written, whatever the cursor holds")
  func checkpoints() {
    let all: [VerificationCheckpoint] = [
      .listing(mark: 0, cursor: nil), .listing(mark: 7, cursor: "12 /a?b=c d"),
      .listing(mark: 7, cursor: ""), .judging(mark: 9, after: nil),
      .judging(mark: 9, after: .init(key: "a b  c", isRejected: false)),
      .judging(mark: .max, after: .init(key: "sha256:00", isRejected: true)),
    ]
    for checkpoint in all { #expect(VerificationCheckpoint(checkpoint.text) == checkpoint) }
    #expect(VerificationCheckpoint("1 2 3") == nil)
  }

  @Test("a partition that read nothing is told of where its neighbours read many")
  func empty() {
    let window = Window(from: Instant(microseconds: 0), to: Instant(microseconds: 1))
    func typical(_ neighbours: [Int64]) -> Int64? {
      SuspiciouslyEmpty(window, neighbours: neighbours)?.typical
    }
    #expect(typical([40, 50, 60, 45, 55, 50]) == 50)
    #expect(typical([40, 0, 60, 45, 55, 50]) == 45, "one neighbour may be empty too")
    #expect(typical([0, 0, 60, 45, 55, 50]) == nil, "a longer pause says nothing")
    #expect(typical([19, 19, 19, 19]) == nil, "a quiet stream says nothing")
    #expect(typical([20, 20]) == 20)
    #expect(typical([500]) == nil, "one neighbour is no rule")
    #expect(typical([]) == nil)
  }

  @Test("what is verified together follows from how the source can be asked")
  func plans() {
    func together(_ connector: String, _ verify: JSONValue) -> Int {
      var stream = StreamDefinition(
        name: "shop.orders", key: KeyTemplate(texts: ["", ""], fields: ["id"].map { .init($0) }),
        eventTime: TimeField(path: .init("at")))
      stream.verify = verify
      return VerificationPlan(stream, connector: connector).partitionsTogether
    }
    #expect(together("files", [:]) == 0)
    #expect(together("postgres", [:]) == 1)
    #expect(together("rest", [:]) == 8)
    #expect(together("rest", ["count": ["path": "/count"]]) == 1)
    #expect(together("rest", ["list": ["path": "/all"]]) == 0)
    #expect(together("rest", ["list": ["path": "/a", "query": ["f": "{window.from}"]]]) == 8)
    #expect(together("rest", ["partitions_together": 3]) == 3)
  }
}
