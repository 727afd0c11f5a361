import DatabaseFixtures
import Domain
import JSON
import Postgres
import Testing

@testable import Stores

@Suite("A commit")
struct CommitTests {
  @Test(
    "gives every record one of the eight outcomes, counted and listed by key",
    arguments: [
      (Policy.newVersion, Outcome.versioned), (.keepFirst, .kept), (.reject, .rejected),
    ])
  func outcomes(_ policy: Policy, _ changed: Outcome) async throws {
    try await Fixture.with { store in
      let first = try await store.submit(days: 1, policy: policy)
      let before = try await store.claimOne()
      let known = [record("same", v: 5), record("changed", v: 5), record("older", v: 5)]
      #expect(
        try await store.commit(before, known, policy: policy, end: .succeeded)
          == .committed(OutcomeCounts([.inserted: 3]), partition: .succeeded))
      let backfill = try await store.submit(days: 1, policy: policy)
      let claimed = try await store.claimOne()
      let records = [
        record("new"), record("twice", v: 1), record("twice", v: 2), record("same", v: 5),
        record("changed", v: 6, amount: "2.00"), record("older", v: 4, amount: "9"),
        record("out", at: 1), "{\"at\":1709300000,\"v\":1}", record("bad", amount: "true"),
      ]
      let answer = try await store.commit(claimed, records, policy: policy, end: .succeeded)
      var counts = OutcomeCounts([
        .inserted: 2, .unchanged: 1, .duplicate: 1, .rejected: 2, .outside: 1,
      ])
      counts[changed] += 1
      counts[policy == .newVersion ? .stale : changed] += 1
      #expect(counts.read == Int64(records.count))
      #expect(answer == .committed(counts, partition: .succeeded))
      try await store.fold()
      let row = try #require(try await store.backfills.findBackfill(backfill))
      #expect(row.records == counts)
      #expect(row.state == .succeeded)
      for outcome in Outcome.allCases {
        let keys = try await store.backfills.listKeys(of: backfill, outcome: outcome, limit: 100)
        #expect(Int64(keys.count) == counts[outcome], "\(outcome)")
      }
      func keys(_ outcome: Outcome) async throws -> [String] {
        try await store.backfills.listKeys(of: backfill, outcome: outcome, limit: 100)
          .map { $0 ?? "none" }.sorted()
      }
      #expect(try await keys(.inserted) == ["order:new", "order:twice"])
      #expect(try await keys(.unchanged) == ["order:same"])
      #expect(try await keys(.duplicate) == ["order:twice"])
      #expect(try await keys(.outside) == ["order:out"])
      switch policy {
      case .newVersion:
        #expect(try await keys(.versioned) == ["order:changed"])
        #expect(try await keys(.stale) == ["order:older"])
        #expect(try await keys(.rejected) == ["none", "order:bad"])
      case .keepFirst:
        #expect(try await keys(.kept) == ["order:changed", "order:older"])
      case .reject:
        #expect(
          try await keys(.rejected) == ["none", "order:bad", "order:changed", "order:older"])
      }
      // What the first backfill inserted is still its own.
      let inserted = try await store.backfills.listKeys(of: first, outcome: .inserted, limit: 100)
      #expect(inserted.count == 3)
    }
  }

  @Test("finds what was inserted where it was inserted, whatever became of it since")
  func insertedKeys() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 4)
      let claimed = try await store.claim(4)
      for (claimed, keys) in zip(claimed, [["b", "h"], ["c", "d"], ["x"], []]) {
        _ = try await store.commit(claimed, keys.map { record($0) }, end: .succeeded)
      }
      let later = try await store.submit(days: 3)
      let again = try await store.claim(3)
      for (claimed, records) in zip(
        again,
        [[record("c", v: 2, amount: "7"), record("a")], [record("e")], [record("h")]])
      {
        _ = try await store.commit(claimed, records, end: .succeeded)
      }
      func inserted(_ backfill: BackfillID, limit: Int = 100) async throws -> [String?] {
        try await store.backfills.listKeys(of: backfill, outcome: .inserted, limit: limit)
      }
      #expect(
        try await inserted(backfill) == ["b", "c", "d", "h", "x"].map { "order:\($0)" })
      #expect(try await inserted(backfill, limit: 2) == ["order:b", "order:c"])
      #expect(try await inserted(later) == ["order:a", "order:e"])
      let spans = try await store.value(
        """
        SELECT string_agg(coalesce(key_from || '>' || key_to, '-'), ' ' ORDER BY id)
          FROM backfill.batch
        """, String.self)
      #expect(
        spans == "order:b>order:h order:c>order:d order:x>order:x - order:a>order:c "
          + "order:e>order:e -")
    }
  }

  @Test("writes down where the next attempt goes on, and what the batch did")
  func checkpoint() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 1)
      let claimed = try await store.claimOne()
      _ = try await store.commit(claimed, [record("a")], cursor: "after a")
      _ = try await store.commit(claimed, [record("b")], sequence: 2, cursor: "after b")
      let row = try #require(
        try await store.backfills.listPartitions(of: backfill, state: nil, after: 0, limit: 9).first
      )
      #expect(row.checkpoint == "after b")
      #expect(row.state == .running)
      #expect(row.records == OutcomeCounts([.inserted: 2]))
      #expect(row.requests == 2)
      let cursors = try await store.value(
        """
        SELECT string_agg(format('%s:%s>%s', sequence, cursor_from, cursor_to), ' ' ORDER BY sequence)
          FROM backfill.batch
        """, String.self)
      #expect(cursors == "1:>after a 2:after a>after b")
    }
  }

  @Test(
    "takes payloads that differ in writing only for equal",
    arguments: [
      (#"{"id":"k","at":1709300000,"v":1,"amount":1.10,"c":"EUR","n":"é"}"#, Outcome.unchanged),
      (#"{"c":"EUR","amount":1.1,"v":1,"n":"é","at":1709300000,"id":"k"}"#, .unchanged),
      (
        #"{ "id": "k", "at": 1709300000, "v": 1, "amount": 110e-2, "c": "EUR", "n": "\u00e9" }"#,
        .unchanged
      ),
      (
        #"{"id":"k","at":1709300000,"v":1,"amount":1.10,"c":"EUR","n":"é","seen":"now"}"#,
        .unchanged
      ),
      (#"{"id":"k","at":1709300000,"v":1,"amount":1.11,"c":"EUR","n":"é"}"#, .versioned),
      (#"{"id":"k","at":1709300000,"v":1,"amount":1.10,"c":"EUR","n":"e\u0301"}"#, .versioned),
      (
        #"{"id":"k","at":1709300000,"v":1,"amount":1.10,"c":"EUR","n":"é","Seen":"now"}"#,
        .versioned
      ),
      (#"{"id":"k","at":1709300000,"v":1,"amount":1.10,"c":"EUR","n":null}"#, .versioned),
      (
        #"{"id":"k","at":1709300000,"v":1,"amount":1.10,"c":"EUR","n":"é","big":9007199254740993}"#,
        .versioned
      ),
    ])
  func equality(_ payload: String, _ outcome: Outcome) async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 2)
      let first = #"{"id":"k","at":1709300000,"v":1,"amount":1.10,"c":"EUR","n":"é"}"#
      _ = try await store.commit(try await store.claimOne(), [first], end: .succeeded)
      let answer = try await store.commit(try await store.claimOne(), [payload], end: .succeeded)
      #expect(answer == .committed(OutcomeCounts([outcome: 1]), partition: .succeeded))
      let kept = try await store.value("SELECT payload FROM backfill.document", String.self)
      #expect(kept == (outcome == .versioned ? payload : first))
    }
  }

  @Test("tells numbers apart that are one Double")
  func doubles() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 2)
      let one = try await store.claimOne()
      _ = try await store.commit(one, [record("k", amount: "9007199254740992")], end: .succeeded)
      let other = try await store.claimOne()
      let answer = try await store.commit(
        other, [record("k", amount: "9007199254740993")], end: .succeeded)
      #expect(answer == .committed(OutcomeCounts([.versioned: 1]), partition: .succeeded))
      try await store.fold()
      #expect(
        try await store.value("SELECT amount::text FROM backfill.measure", String.self)
          == "9007199254740993")
    }
  }

  @Test("leaves out excluded fields only where objects lead to them")
  func excluded() async throws {
    var definition = StreamDefinition.orders
    definition.exclude = [
      JSONPath("meta.seen"), JSONPath("items.seen"), JSONPath("tags.0"), JSONPath("deep.a.b"),
    ]
    try await Fixture.with(definition) { store in
      _ = try await store.submit(days: 9)
      func commit(_ more: String) async throws -> CommitAnswer {
        try await store.commit(
          try await store.claimOne(), [record("k", more: more)], end: .succeeded)
      }
      func counts(_ outcome: Outcome) -> CommitAnswer {
        .committed(OutcomeCounts([outcome: 1]), partition: .succeeded)
      }
      let rest = #","items":[{"seen":1}],"tags":["x","y"],"deep":3"#
      #expect(try await commit(#","meta":{"seen":1}\#(rest)"#) == counts(.inserted))
      #expect(try await commit(#","meta":{"seen":2}\#(rest)"#) == counts(.unchanged))
      #expect(try await commit(#","meta":{}\#(rest)"#) == counts(.unchanged))
      // An element of an array is no field.
      #expect(
        try await commit(#","meta":{},"items":[{"seen":2}],"tags":["x","y"],"deep":3"#)
          == counts(.versioned))
      #expect(
        try await commit(#","meta":{},"items":[{"seen":2}],"tags":["z","y"],"deep":3"#)
          == counts(.versioned))
      #expect(
        try await commit(#","meta":{},"items":[{"seen":2}],"tags":["z","y"],"deep":{"a":7}"#)
          == counts(.versioned))
    }
  }

  @Test("of one key in a batch takes the first where the first write stays, else the highest")
  func duplicates() async throws {
    for policy in Policy.allCases {
      try await Fixture.with { store in
        _ = try await store.submit(days: 1)
        let answer = try await store.commit(
          try await store.claimOne(),
          [
            record("k", v: 2, amount: "1"), record("k", v: 3, amount: "2"),
            record("k", v: 3, amount: "3"), record("k", v: 1, amount: "4"),
          ], policy: policy, end: .succeeded)
        #expect(
          answer
            == .committed(
              OutcomeCounts([.inserted: 1, .duplicate: 3]), partition: .succeeded))
        let measures = try await store.value("SELECT measures FROM backfill.document", String.self)
        let taken = policy == .newVersion ? "3" : "1"
        #expect(measures == "[[\"amount\",\"2024-03-01\",\"EUR\",\"\(taken)\"]]")
        try await store.fold()
        #expect(
          try await store.value("SELECT amount::text FROM backfill.measure", String.self) == taken)
      }
    }
  }

  @Test("keeps what cannot be taken whole, with reason, position and whether to try again")
  func rejections() async throws {
    let deep = String(repeating: "[", count: 129) + String(repeating: "]", count: 129)
    let cases: [(String, String, Bool)] = [
      (record("nul", more: #","n":"a\u0000b""#), "nul_character", false),
      (record("half", more: #","n":"\ud800""#), "lone_surrogate", false),
      (record("deep", more: ",\"n\":\(deep)"), "too_deep", false),
      (
        record("big", more: ",\"n\":\"\(String(repeating: "x", count: 16 << 20))\""), "too_large",
        false
      ),
      (record("huge", more: ",\"n\":1e200000"), "number_out_of_range", false),
      (record("twice", more: ",\"v\":1"), "duplicate_key", false),
      ("3", "not_an_object", false),
      (#"{"at":1709300000,"v":1}"#, "key_missing", true),
      (#"{"id":{},"at":1709300000,"v":1}"#, "key_of_wrong_kind", true),
      (#"{"id":"a","at":"soon","v":1}"#, "event_time_unreadable", true),
      (#"{"id":"a","at":1709300000,"v":1.5}"#, "version_unreadable", true),
      (record("a", amount: "\"much\""), "amount_unreadable", true),
      (record("a", c: "a currency"), "currency_unreadable", true),
    ]
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 1)
      let claimed = try await store.claimOne()
      _ = try await store.commit(claimed, [record("fine")], cursor: "1")
      let answer = try await store.commit(
        claimed, [record("good")] + cases.map(\.0), sequence: 2, cursor: "2")
      #expect(
        answer
          == .committed(
            OutcomeCounts([.inserted: 1, .rejected: Int64(cases.count)]), partition: .running))
      let rows = try await store.pool.withConnection { connection in
        try await connection.query(
          """
          SELECT position, reason, retryable, length(message) > 20,
              encode(sha256(record), 'hex'), number, backfill_id
            FROM backfill.rejection ORDER BY position
          """
        ) { row in
          (
            try row.read(Int64.self), try row.read(String.self), try row.read(Bool.self),
            try row.read(Bool.self), try row.read(String.self), try row.read(Int32.self),
            try row.read(Int64.self)
          )
        }
      }
      #expect(rows.map(\.0) == (3..<3 + Int64(cases.count)).map { $0 })
      #expect(rows.map(\.1) == cases.map(\.1))
      #expect(rows.map(\.2) == cases.map(\.2))
      #expect(rows.allSatisfy { $0.3 && $0.5 == 1 && $0.6 == backfill.rawValue })
      #expect(rows.map(\.4) == cases.map { sha256($0.0) })
    }
  }

  @Test("that rejects more than its stream allows ends its partition failed")
  func tooMany() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 3)
      let bad = #"{"at":1709300000,"v":1}"#
      func good(_ count: Int) -> [String] { (0..<count).map { record("g\($0)") } }
      // Nine are too few, however large their share.
      let few = try await store.commit(
        try await store.claimOne(), Array(repeating: bad, count: 9), end: .succeeded)
      #expect(few == .committed(OutcomeCounts([.rejected: 9]), partition: .succeeded))
      // Ten of 200 are 5 %, which is allowed.
      let share = try await store.commit(
        try await store.claimOne(), good(190) + Array(repeating: bad, count: 10), end: .succeeded)
      #expect(
        share
          == .committed(
            OutcomeCounts([.inserted: 190, .rejected: 10]), partition: .succeeded))
      // The batches of a partition count together.
      let claimed = try await store.claimOne()
      _ = try await store.commit(claimed, Array(repeating: bad, count: 6), cursor: "x")
      let last = try await store.commit(
        claimed, good(190) + Array(repeating: bad, count: 5), sequence: 2, end: .succeeded)
      #expect(
        last == .committed(OutcomeCounts([.unchanged: 190, .rejected: 5]), partition: .failed))
      let failed = try await store.backfills.listPartitions(
        of: backfill, state: .failed, after: 0, limit: 9)
      #expect(failed.map(\.id.number) == [3])
      #expect(failed.first?.kind == "too_many_rejected")
      #expect(
        failed.first?.message == "11 of 201 records were rejected, more than the stream allows.")
      let attempts = try await store.backfills.listAttempts(of: backfill, partition: 3, limit: 9)
      #expect(attempts.map(\.outcome) == ["failed"])
      #expect(attempts.first?.kind == "too_many_rejected")
      #expect(attempts.first?.batches == 2)
      try await store.fold()
      #expect(try await store.backfills.findBackfill(backfill)?.state == .partiallyFailed)
    }
  }

  @Test("can end its partition failed, although the batch is kept")
  func endsFailed() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 1)
      let answer = try await store.commit(
        try await store.claimOne(), [record("a")], cursor: "a",
        end: .failed(kind: .invalidPage, message: "The page is cut \u{0}off."))
      #expect(answer == .committed(OutcomeCounts([.inserted: 1]), partition: .failed))
      let row = try await store.backfills.listPartitions(
        of: backfill, state: .failed, after: 0, limit: 1
      ).first
      #expect(row?.checkpoint == "a")
      #expect(row?.message == "The page is cut \u{FFFD}off.")
    }
  }

  @Test("sums measures by day, name and currency, exactly")
  func measures() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 2)
      let day = 1_709_251_200
      _ = try await store.commit(
        try await store.claimOne(),
        [
          record("a", at: day, amount: "0.1"), record("b", at: day + 86_399, amount: "0.2"),
          record("c", at: day + 86_400, amount: "12345678901234567890.123456789"),
          record("d", at: day, amount: "-5", c: "usd"), record("e", at: day, amount: "null"),
        ], end: .succeeded)
      let claimed = try await store.claimOne()
      _ = try await store.commit(
        claimed,
        [
          record("a", at: day + 86_400, v: 2, amount: "7"), record("f", at: day, amount: "1e2"),
          record("g", at: day, amount: "0.00"), record("d", at: day, v: 2, amount: "-5", c: "usd"),
        ], end: .succeeded)
      try await store.fold()
      let rows = try await store.pool.withConnection { connection in
        try await connection.column(
          """
          SELECT format('%s %s %s %s %s', day, name, currency, trim_scale(amount), records)
            FROM backfill.measure WHERE amount <> 0 OR records <> 0 ORDER BY 1
          """, String.self)
      }
      #expect(
        rows
          == [
            "2024-03-01 amount EUR 100.2 3", "2024-03-01 amount USD -5 1",
            "2024-03-02 amount EUR 12345678901234567897.123456789 2",
          ].sorted())
      let sums = try await store.backfills.sumMeasures(of: backfill)
      #expect(sums.map(\.currency) == ["EUR", "USD"])
      #expect(sums.map(\.records) == [5, 1])
    }
  }
}
