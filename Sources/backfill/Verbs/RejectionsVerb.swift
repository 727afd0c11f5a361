import Arguments
import Crypto
import Domain
import JSON
import Operations
import Stores

/// `backfill rejections`: the records that could not be taken.
struct RejectionsVerb: Verb {
  private static let pageSize = 200

  static let spec = CommandSpec(
    "rejections", "List the records that could not be taken, take them again, or give them up.",
    discussion: """
      A rejected record is kept whole, with the reason. After the definition of its stream was \
      mended and applied, --redrive takes it again, by the same rules as when it was read, and as a \
      backfill of its own. What is still refused stays in the list. Nothing is ever taken twice.
      """,
    synopsis: ["[ID] [--redrive | --discard] [options]"],
    arguments: [
      ArgumentSpec(
        "ID", "Only those of the backfill of this number.", count: .optional,
        completion: .names("backfills"))
    ],
    options: [
      OptionSpec("redrive", .flag, "Take the records again under the present definition."),
      OptionSpec("discard", .flag, "Give the records of the backfill up; they stay stored."),
      .json,
    ],
    examples: [
      .init("backfill rejections 12", "What could not be taken, and why"),
      .init("backfill rejections 12 --redrive", "Take it again after the definition was mended"),
    ])

  /// What is to be done with the rejections.
  private enum Order {
    case list(BackfillID?)
    case redrive(BackfillID?)
    case discard(BackfillID)
  }

  private let order: Order
  private let json: Bool

  init(_ invocation: Invocation) throws {
    try invocation.refuseBoth("redrive", "discard")
    json = invocation.has("json")
    guard invocation.argument("ID") != nil else {
      guard !invocation.has("discard") else { throw invocation.error(.missing("ID")) }
      order = invocation.has("redrive") ? .redrive(nil) : .list(nil)
      return
    }
    let id = try invocation.backfillID()
    order =
      invocation.has("redrive")
      ? .redrive(id) : invocation.has("discard") ? .discard(id) : .list(id)
  }

  func run(in program: Program) async throws -> ExitCode {
    try await program.withDatabase { database in
      if let id = backfill,
        try await BackfillStore(pool: database.pool).findBackfill(id) == nil
      {
        throw OperationFault.unknownBackfill(id)
      }
      switch order {
      case .list(let id): return try await list(id, program, database)
      case .redrive(let id): return try await redrive(id, program, database)
      case .discard(let id): return try await discard(id, program, database)
      }
    }
  }

  private var backfill: BackfillID? {
    switch order {
    case .list(let id), .redrive(let id): id
    case .discard(let id): id
    }
  }

  private func list(
    _ id: BackfillID?, _ program: Program, _ database: Database
  ) async throws -> ExitCode {
    let store = RejectionStore(pool: database.pool)
    let output = program.world.output
    var last: Int64 = 0
    while true {
      let page = try await store.listRejections(of: id, after: last, limit: Self.pageSize)
      guard let end = page.last else { break }
      last = end.id
      try output.write(page.map { (json ? $0.document.encoded() : $0.text) + "\n" }.joined())
    }
    if last == 0, !json { try output.line("There are no rejected records to look at.") }
    return .done
  }

  private func redrive(
    _ id: BackfillID?, _ program: Program, _ database: Database
  ) async throws -> ExitCode {
    let redrive = Redrive(
      pool: database.pool, worker: program.world.processName, version: Program.version,
      tell: { _ in })
    let result = try await redrive.run(of: id, requestedBy: program.world.user)
    let output = program.world.output
    if json {
      try output.write([
        "backfills": .array(result.backfills.map { JSONValue($0.rawValue) }),
        "records": .object(result.records.document), "refused": JSONValue(result.refused),
      ])
    } else {
      try output.line(sentence(result))
      for stream in result.missing.sorted() {
        try output.line("The stream \(stream) is no longer applied; apply it to take its records.")
      }
    }
    return result.refused > 0 ? .incomplete : .done
  }

  private func sentence(_ result: Redrive.Result) -> String {
    var parts: [String] = []
    if !result.backfills.isEmpty {
      let backfills = Wording.list(result.backfills.map(\.description))
      parts.append(
        "\(Wording.outcomes(result.records)), as backfill \(backfills).")
    }
    if result.refused > 0 {
      let verb = result.refused == 1 ? "is" : "are"
      parts.append("\(Wording.count(result.refused, "record")) \(verb) still refused.")
    }
    return parts.isEmpty ? "There are no rejected records to take." : parts.joined(separator: " ")
  }

  private func discard(
    _ id: BackfillID, _ program: Program, _ database: Database
  ) async throws -> ExitCode {
    let count = try await RejectionStore(pool: database.pool).discardRejections(of: id)
    if json {
      try program.world.output.write(["discarded": JSONValue(count)])
    } else {
      try program.world.output.line(
        "\(Wording.count(count, "rejected record")) of backfill \(id) given up.")
    }
    return .done
  }
}

extension RejectionRow {
  /// The rejection for people; the record on one line, cut where it is long.
  fileprivate var text: String {
    let record = Wording.shortened(
      String(decoding: self.record.prefix(2_000), as: UTF8.self), to: 500)
    let key = key.map { ", key \(Wording.shortened($0, to: 100))" } ?? ""
    return """
      \(id)  \(stream), \(Wording.partition(window, in: .utc)), record \(position) of partition \
      \(partition)\(key)
          \(reason): \(message)
          \(record)
      """
  }

  /// One line of `rejections --json`; the record as text, or in base64 where it is none.
  fileprivate var document: JSONValue {
    let text = String(validating: record, as: UTF8.self)
    return [
      "id": JSONValue(id), "stream": .string(stream),
      "backfill": JSONValue(partition.backfill.rawValue), "partition": JSONValue(partition.number),
      "window": window.document, "position": JSONValue(position), "key": JSONValue(key),
      "reason": .string(reason), "message": .string(message), "retryable": JSONValue(isRetryable),
      "rejected_at": .instant(rejectedAt), "record": JSONValue(text),
      "record_base64": text == nil ? .string(Base64.standard.encode(record)) : .null,
    ]
  }
}
