import Connectors
import Domain
import Glibc
import JSON
import Outbound

/// A program as a source: the lines of a Singer tap through one pipe, as pages of records.
enum ProcessBench {
  /// Reads so many records of about 450 bytes, printed by `seq` and `sed` as fast as they can.
  static func run(records: Int) async throws {
    let path = "/tmp/backfill-bench-tap-\(getpid())"
    defer { unlink(path) }
    try write(script(records), to: path)
    let reader = try reader(path)
    let started = BenchStore.now()
    let memoryBefore = residentMegabytes()
    var read = 0
    var most = memoryBefore
    var cursor: String?
    repeat {
      let page = try await reader.page(at: cursor)
      read += page.scan.records.count
      most = max(most, residentMegabytes())
      cursor = page.next
    } while cursor != nil
    await reader.close()
    guard read == records else { throw BenchError("\(read) of \(records) records came.") }
    let seconds = Double(BenchStore.now().microseconds - started.microseconds) / 1_000_000
    Report.line(
      "records read from a program",
      "\(Report.grouped(Double(read) / seconds))/s (\(read) records, \(most - memoryBefore) MB more)"
    )
  }

  private static func script(_ records: Int) -> String {
    let padding = String(repeating: "x", count: 330)
    return """
      #!/bin/sh
      seq \(records) | sed 's/.*/{"type":"RECORD","stream":"orders","record":{"id":"&",\
      "created_at":"2024-06-01T00:00:00Z","amount":"12.50","currency":"EUR","note":"\(padding)"}}/'
      echo '{"type":"STATE","value":{}}'
      """
  }

  private static func reader(_ path: String) throws -> any PartitionReader {
    let document = try JSONValue.parse(
      """
      { sources: { bench: { connector: "singer", command: ["\(path)"], streams: { orders: {
        key: "order:{id}", event_time: "created_at", selection: "none" } } } } }
      """, dialect: .json5)
    let configuration = try Configuration(document, connectors: ConnectorFactory.connectors)
    guard let source = configuration.sources.first, let stream = source.streams.first else {
      throw BenchError("The source of the bench was not read.")
    }
    let factory = ConnectorFactory(
      client: try HTTPClient(), secrets: SecretResolver(environment: [:]), cacheFolder: "/tmp",
      host: ProgramHost(gate: nil, random: { UInt64.random(in: 0...UInt64.max) }, tell: { _ in }),
      now: BenchStore.now)
    let year = Window(
      from: Instant(microseconds: 1_704_067_200_000_000),
      to: Instant(microseconds: 1_735_689_600_000_000))
    return try factory.connector(for: stream, of: source).reader(of: year, fields: stream.fields)
  }

  private static func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw BenchError("\(path) cannot be written.") }
    fputs(text, file)
    fclose(file)
    chmod(path, 0o755)
  }

  private static func residentMegabytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 128)
    let count = fread(&bytes, 1, bytes.count, file)
    let fields = String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: " ")
    return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(getpagesize()) / 1_000_000
  }
}
