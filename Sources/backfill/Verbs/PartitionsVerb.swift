import Arguments
import Domain
import JSON
import Operations
import Stores

/// `backfill partitions`: the partitions of a backfill, in the order of time, the parts of those that
/// were split after them.
struct PartitionsVerb: Verb {
  /// So many rows are read and written at a time: a backfill may have a million.
  private static let pageSize = 2_000

  static let spec = CommandSpec(
    "partitions",
    "List the partitions of a backfill in the order of time, and after them the parts of split ones.",
    arguments: [.backfill],
    options: [
      OptionSpec(
        "state", .value("STATE"), "Only those in a state.",
        allowed: PartitionState.allCases.map(\.rawValue)),
      .json,
    ],
    examples: [.init("backfill partitions 12 --state failed", "What failed, and why")])

  private let id: BackfillID
  private let state: PartitionState?
  private let json: Bool

  init(_ invocation: Invocation) throws {
    id = try invocation.backfillID()
    state = invocation.text("state").flatMap(PartitionState.init)
    json = invocation.has("json")
  }

  func run(in program: Program) async throws -> ExitCode {
    try await program.withDatabase { database in
      let store = BackfillStore(pool: database.pool)
      guard let row = try await store.findBackfill(id) else {
        throw OperationFault.unknownBackfill(id)
      }
      var last: Int32 = 0
      while true {
        let page = try await store.listPartitions(
          of: id, state: state, after: last, limit: Self.pageSize)
        try write(page, isFirst: last == 0, zone: row.zone, program.world.output)
        guard page.count == Self.pageSize, let end = page.last else { return .done }
        last = end.id.number
      }
    }
  }

  private func write(
    _ page: [PartitionRow], isFirst: Bool, zone: Zone, _ output: Channel
  ) throws {
    guard !json else {
      return try output.write(page.map { $0.document.encoded() + "\n" }.joined())
    }
    var table = TextTable(
      .numbers("NUMBER"), "WINDOW", "STATE", .numbers("ATTEMPTS"), .numbers("READ"), "WHAT")
    for partition in page {
      table.add(
        String(partition.id.number), Wording.partition(partition.window, in: zone),
        partition.state.words, String(partition.attempts),
        Wording.number(partition.records.read), what(partition))
    }
    guard isFirst || !table.isEmpty else { return }
    try output.write(table, orElse: "There are no such partitions.")
  }

  private func what(_ partition: PartitionRow) -> String {
    let part = partition.parent.map { "part of \($0)" }
    let parts = partition.parts.isEmpty ? nil : "goes on as \(Self.names(partition.parts))"
    let outcomes = Outcome.allCases.filter { partition.records[$0] > 0 }
      .map { "\(Wording.number(partition.records[$0])) \($0.words)" }
      .joined(separator: ", ")
    let told = partition.message ?? (outcomes.isEmpty ? nil : outcomes)
    let words = [part, parts, told].compactMap(\.self).joined(separator: ": ")
    guard let proof = partition.proof else { return words }
    return [words, self.proof(proof, of: partition)].filter { !$0.isEmpty }
      .joined(separator: ", ")
  }

  /// The numbers of the parts of a partition, which follow each other: `31 and 32`, `31 to 46`.
  private static func names(_ parts: [Int32]) -> String {
    guard parts.count > 3, let first = parts.first, let last = parts.last else {
      return Wording.list(parts.map(String.init))
    }
    return "\(first) to \(last)"
  }

  /// What the last verification came to, and whether that still holds.
  private func proof(_ proof: ProofRow, of partition: PartitionRow) -> String {
    if partition.verifiedAt != nil { return "verified" }
    if proof.isEqual { return "written to since it was verified" }
    let parts = [(Verdict.missing, "missing"), (.different, "different"), (.gone, "gone")]
      .filter { proof.counts[$0.0] > 0 }
      .map { "\(Wording.number(proof.counts[$0.0])) \($0.1)" }
    return "differs: " + (parts.isEmpty ? "the sums" : parts.joined(separator: ", "))
  }
}
