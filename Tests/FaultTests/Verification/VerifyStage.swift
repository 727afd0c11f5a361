import Connectors
import Domain
import JSON
import Operations
import Outbound
import Postgres
import Stores
import Testing

/// A ledger that was loaded, so that it can be verified.
struct VerifyStage: Sendable {
  static let days = 6
  static let perDay = 50

  let stage: Stage
  let api: LedgerAPI

  /// Lends a stage on which nothing is loaded yet.
  static func with(_ body: (VerifyStage) async throws -> Void) async throws {
    try await Stage.with { stage in
      let api = try LedgerAPI()
      api.change { entries in
        for day in 0..<days {
          for number in 0..<perDay {
            let at = Self.at(day).adding(microseconds: Int64(number) * 60_000_000)
            entries.append(
              .init(id: "\(day)-\(number)", at: at, cents: 1_000 + day * 100 + number))
          }
        }
      }
      try await body(VerifyStage(stage: stage, api: api))
      await api.close()
    }
  }

  /// The beginning of a day.
  static func at(_ day: Int) -> Instant {
    Zone.utc.startOfDay(CivilDate(dayNumber: Stage.firstDay + day))
  }

  /// Applies the ledger; `verify` says how it is verified.
  func apply(policy: String = "new_version", verify: String = "{}") async throws {
    let document = try JSONValue.parse(
      """
      {sources: {shop: {connector: "rest", base_url: "\(api.address)",
        streams: {orders: {key: "entry:{id}", event_time: "at",
          version: {field: "revision", format: "number"}, policy: "\(policy)",
          measures: {amount: {field: "amount", currency: {field: "currency"}}},
          path: "/entries", records: "data", query: {from: "{window.from}", to: "{window.to}"},
          window: {from: "gte", to: "lt", format: "rfc3339"},
          pagination: {type: "cursor", path: "next", parameter: "after"},
          retry: {attempts: 100, base: "50ms"}, verify: \(verify)
        }}}}}
      """, dialect: .json5)
    let applied = try AppliedConfiguration(document, directory: "/")
    try await Application(pool: stage.pool).apply(applied.configuration)
  }

  /// Loads everything with a worker in this process, whose reader leaves out what `drops` says.
  func load(
    dropping drops: @escaping @Sendable (String) -> Bool = { _ in false }, verified: Bool = false
  ) async throws -> BackfillID {
    let submission = Submission(pool: stage.pool, now: Stage.now)
    let first = CivilDate(dayNumber: Stage.firstDay)
    let request = SubmitRequest(
      stream: "shop.orders",
      window: try WindowRequest(
        from: first.description, to: first.adding(days: Self.days).description, last: nil),
      step: .days(1), requestedBy: "test", isVerified: verified)
    let id = try await submission.submit(try await submission.prepare(request))
    try await work(dropping: drops) { try await succeeded(id) }
    return id
  }

  /// Verifies a backfill and gives what that came to.
  func verify(_ id: BackfillID) async throws -> (id: BackfillID, proof: ProofFacts) {
    let verification = try await Verification(pool: stage.pool, now: Stage.now)
      .submit(id, requestedBy: "test")
    try await work { try await succeeded(verification) }
    return (verification, try await proof(of: verification))
  }

  /// Waits for the end of a backfill, which must be a good one.
  func succeeded(_ id: BackfillID) async throws {
    let state = try await stage.end(of: id)
    #expect(state == "succeeded")
  }

  /// What a verification came to.
  func proof(of verification: BackfillID) async throws -> ProofFacts {
    try #require(try await VerificationStore(pool: stage.pool).findProof(of: verification))
  }

  /// The keys that differ, with their verdicts.
  func differences(of verification: BackfillID) async throws -> [String: Verdict] {
    let rows = try await VerificationStore(pool: stage.pool)
      .listDifferences(of: verification, after: "", limit: 100)
    return Dictionary(uniqueKeysWithValues: rows.map { ($0.key, $0.verdict) })
  }

  /// Does something while a member of the fleet works in this process.
  func work(
    dropping drops: @escaping @Sendable (String) -> Bool = { _ in false },
    _ body: () async throws -> Void
  ) async throws {
    let factory = ConnectorFactory(
      client: try HTTPClient(), secrets: SecretResolver(environment: [:]), cacheFolder: "/tmp",
      now: Stage.now)
    let surroundings = Surroundings(
      pool: stage.pool, leasePool: stage.pool,
      connectors: {
        DroppingConnector(
          whole: try factory.connector(for: $0.stream, of: $0.source, permits: $1), drops: drops)
      },
      verifiers: { try factory.verifier(for: $0.stream, of: $0.source, permits: $1) },
      now: Stage.now, randomness: Randomness { UInt64.random(in: 0...UInt64.max) },
      tell: { _ in })
    let member = FleetMember(
      WorkerSettings(name: "test:1", version: "test", concurrency: 2, pollSeconds: 0.05),
      surroundings, listening: ConnectionSettings(stage.conninfo))
    let working = Task { try await member.run() }
    let result: Result<Void, any Error>
    do {
      result = .success(try await body())
    } catch {
      result = .failure(error)
    }
    await member.drain()
    try await working.value
    try result.get()
  }

  /// All that lies in the documents, by system columns too: what writes a row changes it.
  func documents() async throws -> [String] {
    try await stage.column("SELECT ctid::text || xmin || d FROM backfill.document d ORDER BY key")
  }
}

/// A reader that is broken on purpose: it leaves out records.
struct DroppingConnector: Connector {
  let whole: any Connector
  /// Whether a record, as text, is left out.
  let drops: @Sendable (String) -> Bool

  func check() async throws(SourceFailure) {
    try await whole.check()
  }

  func page(_ request: PageRequest) async throws(SourceFailure) -> Page {
    var page = try await whole.page(request)
    let count = page.scan.fieldCount
    for index in page.scan.records.indices.reversed() {
      let record = page.scan.records[index]
      let text = String(decoding: page.bytes[Int(record.start)..<Int(record.end)], as: UTF8.self)
      guard drops(text) else { continue }
      page.scan.records.remove(at: index)
      page.scan.fields.removeSubrange(index * count..<(index + 1) * count)
    }
    return page
  }
}
