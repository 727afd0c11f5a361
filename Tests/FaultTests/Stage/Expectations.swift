import Testing

/// Expects that the store is as it must be after the end of all backfills.
func expectSound(
  _ stage: Stage, days: Int, from offset: Int = 0, unfinished: Set<Int> = [],
  at location: SourceLocation = #_sourceLocation
) async throws {
  let first = Stage.firstDay + offset
  let oracle = Oracle(stage: stage, days: first..<first + days, unfinished: unfinished)
  expectNone(try await oracle.faults(), at: location)
}

/// Records each fault that an oracle found, with the seed of the random choices before it.
func expectNone(_ faults: [String], at location: SourceLocation = #_sourceLocation) {
  for fault in faults {
    Issue.record("\(fault) (seed \(Scale.seed))", sourceLocation: location)
  }
}
