/// The facts of a backfill in the words of its readers; years are left out where they are that of
/// the notice.
struct FactsWording {
  private let facts: BackfillFacts
  private let steps: StepWording

  /// How many sums are named; a backfill has few.
  private static let namedSums = 6
  /// How many reasons of failures are told.
  private static let namedReasons = 5

  init(_ facts: BackfillFacts, at moment: Instant) {
    self.facts = facts
    let zone = Self.zone(facts.timeZone)
    steps = StepWording(
      step: facts.isSplit ? nil : facts.step, zone: zone, year: zone.civilDate(of: moment).year)
  }

  /// What it is about: `Stripe charges, 1–31 March`.
  var title: String {
    let name = facts.stream.map { ".-_".contains($0) ? " " : $0 }
    let words = Wording.shortened(String(name), to: 80)
    return "\(words.prefix(1).uppercased())\(words.dropFirst()), \(steps.window(facts.window))"
  }

  /// How it ended: records, sums and what failed.
  var ending: String {
    if let proof = facts.proof, facts.state == .succeeded { return compared(proof) }
    let counts = facts.partitions
    var parts: [String] = []
    if facts.mode == .redrive { parts.append("rejected records taken again") }
    if facts.state == .cancelled { parts.append("cancelled") }
    if counts[.succeeded] > 0 || changed > 0 { parts.append(outcome) }
    parts += shortfall
    if !facts.empty.isEmpty { parts.append(empty) }
    return parts.isEmpty ? outcome : parts.joined(separator: "; ")
  }

  /// How it ended, in a word or two.
  var verdict: String {
    switch facts.state {
    case .succeeded where facts.proof != nil:
      facts.proof?.isEqual == true ? "verified" : "differs from the source"
    case .succeeded: "finished"
    case .cancelled: "cancelled"
    case .partiallyFailed where facts.partitions[.failed] > 0: failedCount
    case .partiallyFailed: "finished in part"
    case .failed: "failed"
    case .running, .paused, .awaitingApproval: "goes on"
    }
  }

  /// Which partitions failed while others go on.
  var failedSoFar: String {
    guard !facts.state.isTerminal else { return "\(failed); \(done)" }
    return "\(failedCount) so far\(failedNames); \(done), the rest goes on"
  }

  /// That the source does not go on, until when, and what it said.
  func blocked(_ block: Notice.Block) -> String {
    let said = Self.unpunctuated(Wording.shortened(block.message, to: 200))
    guard let until = block.until else {
      return "blocked, somebody has to act; \(done). The source says: \(said)"
    }
    return "the source asks for patience until \(steps.time(until)); \(done), the rest waits. "
      + "The source says: \(said)"
  }

  /// Why partitions failed, those of one reason in one line.
  var reasons: [String] {
    var order: [String] = []
    var windows: [String: [Window]] = [:]
    for failure in facts.failures {
      let reason = reason(failure)
      if windows[reason] == nil { order.append(reason) }
      windows[reason, default: []].append(failure.window)
    }
    let lines = order.prefix(Self.namedReasons).map { message in
      "\(steps.names(windows[message] ?? [], more: 0)): \(Wording.shortened(message, to: 300))"
    }
    let more = order.count - lines.count
    return more > 0 ? lines + ["… and \(Wording.count(more, "other reason"))."] : lines
  }

  /// What is to be said of a failure: the source's own words, and of what went wrong on this side no
  /// more than whom to ask.
  private func reason(_ failure: BackfillFacts.Failure) -> String {
    switch SourceFailure.Kind(rawValue: failure.kind) {
    case .lost: "The work on it broke off every time; \(whomToAsk)"
    case .storeRefused: "What was read could not be stored; \(whomToAsk)"
    default: failure.message
    }
  }

  private var whomToAsk: String {
    "whoever runs Backfill sees why with: backfill attempts \(facts.backfill)"
  }

  /// Who asked for it and why.
  var origin: String {
    let why = facts.reason.map { ": \(Self.unpunctuated(Wording.shortened($0, to: 200)))" } ?? ""
    return "Backfill \(facts.backfill), asked for by "
      + "\(Wording.shortened(facts.requestedBy, to: 80))\(why)."
  }

  /// How the store compares with the source.
  private func compared(_ proof: ProofFacts) -> String {
    let counts = proof.counts
    guard !proof.isEqual else {
      let accounted = counts[.refused] > 0 ? ", \(Wording.number(counts[.refused])) rejected" : ""
      return "verified: the store has what the source has, "
        + "\(Wording.count(counts.source, "record")) in \(steps.count(proof.partitions))\(accounted)"
    }
    let parts = [
      (Verdict.missing, "missing in the store"), (.different, "different"),
      (.gone, "gone from the source"),
    ].filter { counts[$0.0] > 0 }.map { verdict, words in
      "\(Wording.number(counts[verdict])) \(words)\(verdict == .gone ? worth(proof) : "")"
    }
    let differing = proof.partitions - proof.equal
    let names = steps.names(proof.differing, more: differing - proof.differing.count)
    return "differs from the source in \(steps.count(differing)): \(names): "
      + (parts.isEmpty ? "the sums" : Wording.list(parts))
  }

  /// What the gone records came to: ` (12,430.00 EUR)`.
  private func worth(_ proof: ProofFacts) -> String {
    let sums = proof.goneSums.prefix(Self.namedSums).map { Wording.amount($0.amount, $0.currency) }
    return sums.isEmpty ? "" : " (\(Wording.list(sums)))"
  }

  /// Which partitions read nothing where their neighbours read many.
  private var empty: String {
    let typical = facts.empty.map(\.typical).max() ?? 0
    return "no records on \(steps.names(facts.empty.map(\.window), more: 0)), where others have "
      + "about \(Wording.number(typical)): look whether that can be"
  }

  /// `3 days failed`.
  var failedCount: String { "\(steps.count(facts.partitions[.failed])) failed" }
}

// Parts
extension FactsWording {
  private var changed: Int64 { facts.records[.inserted] + facts.records[.versioned] }

  /// `41 added, 0 changed, +12,430.00 EUR`.
  private var outcome: String {
    let records = facts.records
    var parts: [String] = []
    if changed > 0 {
      parts = [
        "\(Wording.number(records[.inserted])) added",
        "\(Wording.number(records[.versioned])) changed",
      ]
    } else {
      parts = [records.read == 0 ? "no records found" : "nothing changed"]
    }
    if records[.kept] > 0 {
      parts.append("\(Wording.number(records[.kept])) \(Outcome.kept.words)")
    }
    if records[.rejected] > 0 {
      parts.append("\(Wording.number(records[.rejected])) \(Outcome.rejected.words)")
    }
    return (parts + sums).joined(separator: ", ")
  }

  private var sums: [String] {
    guard changed > 0 else { return [] }
    let isOne = Set(facts.sums.map(\.measure)).count < 2
    let named = facts.sums.prefix(Self.namedSums).map { sum in
      let change = Wording.change(sum.amount, sum.currency)
      return isOne ? change : "\(sum.measure) \(change)"
    }
    let more = facts.sums.count - named.count
    return more > 0 ? named + ["\(Wording.count(more, "more sum"))"] : named
  }

  /// What keeps the window from being complete.
  private var shortfall: [String] {
    let counts = facts.partitions
    var parts: [String] = []
    if counts[.failed] > 0 { parts.append(failed) }
    if counts[.quarantined] > 0 { parts.append("\(steps.count(counts[.quarantined])) set aside") }
    if counts[.cancelled] > 0 {
      parts.append(
        "\(Wording.number(counts[.cancelled])) of \(steps.count(counts.needed)) not read")
    }
    return parts
  }

  private var failed: String {
    let count = facts.partitions[.failed]
    guard count < 2 || count < facts.partitions.needed else {
      return "all \(steps.count(count)) failed"
    }
    return "\(failedCount)\(failedNames)"
  }

  private var failedNames: String {
    guard !facts.failures.isEmpty else { return "" }
    let more = facts.partitions[.failed] - facts.failures.count
    return ": \(steps.names(facts.failures.map(\.window), more: more))"
  }

  /// `20 of 31 days are done`.
  private var done: String {
    let counts = facts.partitions
    return "\(Wording.number(counts[.succeeded])) of \(steps.count(counts.needed)) "
      + (counts.needed == 1 ? "is done" : "are done")
  }

  /// A sentence that another goes on after.
  private static func unpunctuated(_ sentence: String) -> String {
    sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
  }

  /// A zone that this machine does not know any more is better told in UTC than not at all.
  private static func zone(_ name: String) -> Zone {
    do throws(InputFault) { return try Zone(name) } catch { return .utc }
  }
}
