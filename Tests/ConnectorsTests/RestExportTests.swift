import Connectors
import Domain
import HTTP
import JSON
import Testing

/// Sources that are made to write their records into files.
struct RestExportTests {
  /// A source whose jobs are done when they were asked for so many times.
  private actor Exporter {
    private var jobs: [String: Int] = [:]
    private(set) var asked: [String] = []
    private let questions: Int
    private let files: [String]
    private let state: String

    init(questions: Int, files: [String], state: String = "complete") {
      self.questions = questions
      self.files = files
      self.state = state
    }

    func answer(_ request: FakeAPI.Asked) -> Response {
      let parts = request.target.text.split(separator: "/").map(String.init)
      asked.append("\(request.method == .post ? "POST" : "GET") \(request.target.text)")
      switch (parts.first, parts.count) {
      case ("exports", 1):
        let job = "j\(jobs.count + 1)"
        jobs[job] = 0
        return .json("{\"id\":\"\(job)\"}")
      case ("exports", 2):
        let count = (jobs[parts[1]] ?? 0) + 1
        jobs[parts[1]] = count
        let isDone = count >= questions
        let list = files.map { "{\"url\":\"\($0)\"}" }.joined(separator: ",")
        return .json(
          #"{"status":"\#(isDone ? state : "running")","files":[\#(isDone ? list : "")]}"#)
      case ("exports", _): return .json("{}")
      default: return .text(200, "{\"id\":\"\(parts.last ?? "")\",\"at\":1}\n")
      }
    }
  }

  private func source(_ base: String, timeout: String = "1h", hosts: String = "") throws
    -> SourceDefinition
  {
    try shop(
      """
      {sources: {shop: {connector: "rest", base_url: "\(base)", auth: {type: "bearer", token: "env:KEY"},
        streams: {orders: {key: "order:{id}", event_time: {field: "at", format: "epoch_seconds"},
          format: "json_lines", window: {from: "gte", to: "lt", format: "epoch_seconds"},
          export: {
            create: {method: "POST", path: "/exports", body: {from: "{window.from}", to: "{window.to}"},
              job: "id"},
            poll: {path: "/exports/{job}", state: "status", done: ["complete"], failed: ["error"],
              files: "files[].url"},
            cancel: {method: "POST", path: "/exports/{job}/cancel"},
            interval: "1s", timeout: "\(timeout)", hosts: [\(hosts)]}}}}}}
      """)
  }

  private func fake(_ exporter: Exporter) throws -> FakeAPI {
    try FakeAPI { await exporter.answer($0) }
  }

  @Test("a job is begun, asked for until it is done, and its files are read one by one")
  func whole() async throws {
    let exporter = Exporter(questions: 2, files: ["/files/a", "/files/b"])
    let fake = try fake(exporter)
    let source = try source(fake.address)
    #expect(ConnectorFactory.faults(in: source).map(\.description) == [])
    let pages = try await connector(source, try factory(secrets: ["KEY": "k"]))
      .pages(thousandSeconds, fields: idAndTime)
    #expect(pages.flatMap { $0.field(0) } == ["a", "b"])
    #expect(
      await exporter.asked == [
        "POST /exports", "GET /exports/j1", "GET /exports/j1", "GET /files/a", "GET /exports/j1",
        "GET /files/b",
      ])
    #expect(await fake.asked.first?.body == #"{"from":"0","to":"1000"}"#)
    #expect(pages.map(\.requests).reduce(0, +) == 6)
  }

  @Test("another process goes on asking for the job that the checkpoint holds")
  func resuming() async throws {
    let exporter = Exporter(questions: 1, files: ["/files/a"])
    let fake = try fake(exporter)
    let source = try source(fake.address)
    let begun = try await connector(source, try factory(secrets: ["KEY": "k"])).page(
      PageRequest(window: thousandSeconds, cursor: nil, fields: idAndTime))
    #expect(begun.scan.records.isEmpty)
    let read = try await connector(source, try factory(secrets: ["KEY": "k"])).page(
      PageRequest(window: thousandSeconds, cursor: begun.next, fields: idAndTime))
    #expect(read.field(0) == ["a"])
    #expect(read.next == nil)
    #expect(await exporter.asked.filter { $0 == "POST /exports" }.count == 1)
  }

  @Test("a job that is done without files has no records")
  func nothing() async throws {
    let fake = try fake(Exporter(questions: 1, files: []))
    let pages = try await connector(
      try source(fake.address), try factory(secrets: ["KEY": "k"])
    ).pages(thousandSeconds, fields: idAndTime)
    #expect(pages.flatMap { $0.field(0) } == [])
  }

  @Test("a job that fails, or takes too long, is begun anew by the next attempt")
  func failing() async throws {
    let broken = try fake(Exporter(questions: 1, files: [], state: "error"))
    let failed = await failure(try source(broken.address))
    #expect(failed?.kind == .endless)
    let slow = Exporter(questions: 100, files: [])
    let stalled = try fake(slow)
    let late = try source(stalled.address, timeout: "5s")
    let begun = try await connector(late, try factory(secrets: ["KEY": "k"])).page(
      PageRequest(window: thousandSeconds, cursor: nil, fields: idAndTime))
    let after = try factory(secrets: ["KEY": "k"], now: Instant(microseconds: 5_000_001))
    let failure = await #expect(throws: SourceFailure.self) {
      try await connector(late, after).page(
        PageRequest(window: thousandSeconds, cursor: begun.next, fields: idAndTime))
    }
    #expect(failure?.kind == .endless)
    #expect(await slow.asked.last == "POST /exports/j1/cancel")
  }

  /// The failure of a whole reading.
  private func failure(_ source: SourceDefinition) async -> SourceFailure? {
    await #expect(throws: SourceFailure.self) {
      let factory = try factory(secrets: ["KEY": "k"])
      _ = try await connector(source, factory).pages(thousandSeconds, fields: idAndTime)
    }
  }

  @Test("files on other hosts are read only where they are named, and without credentials")
  func hosts() async throws {
    let store = try FakeAPI { _ in .text(200, "{\"id\":\"far\",\"at\":1}\n") }
    let address = store.address.replacing("127.0.0.1", with: "localhost")
    let exporter = Exporter(questions: 1, files: ["\(address)/f?signature=1"])
    let fake = try fake(exporter)
    let refused = await failure(try source(fake.address))
    #expect(refused?.kind == .refused)
    #expect(refused?.message.contains("name it in export.hosts") == true)
    #expect(await store.asked.isEmpty)
    let pages = try await connector(
      try source(fake.address, hosts: "\"localhost\""), try factory(secrets: ["KEY": "k"])
    ).pages(thousandSeconds, fields: idAndTime)
    #expect(pages.flatMap { $0.field(0) } == ["far"])
    #expect(await store.asked.first?.headers["Authorization"] == nil)
    #expect(await store.asked.first?.target.text == "/f?signature=1")
  }
}
