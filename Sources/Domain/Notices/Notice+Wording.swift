extension Notice {
  /// The notice in one sentence, for those who asked for the data rather than for the program:
  /// `Stripe charges, 1–31 March: 41 added, 0 changed, +12,430.00 EUR; 1 day failed: 14 March`.
  ///
  /// Made of the notice's own facts alone.
  public var headline: String {
    switch occasion {
    case .ended(let facts):
      let words = words(facts)
      return "\(words.title): \(words.ending)"
    case .partitionFailed(let facts):
      let words = words(facts)
      return "\(words.title): \(words.failedSoFar)"
    case .blocked(let facts, let block):
      let words = words(facts)
      return "\(words.title): \(words.blocked(block))"
    case .test(let subscription):
      return "This is a test: the notices of \(subscription) arrive here"
    }
  }

  /// The subject of a mail: what it is about and how it went.
  public var subject: String {
    switch occasion {
    case .ended(let facts):
      let words = words(facts)
      return "\(words.title): \(words.verdict)"
    case .partitionFailed(let facts):
      let words = words(facts)
      return "\(words.title): \(words.failedCount)"
    case .blocked(let facts, _): return "\(words(facts).title): blocked by the source"
    case .test(let subscription): return "A test notice for \(subscription)"
    }
  }

  /// The headline and, line by line, why partitions failed and who asked for the backfill.
  public var text: String {
    guard let facts = occasion.facts else { return headline + "." }
    let words = words(facts)
    return ([headline + "."] + words.reasons + [words.origin]).joined(separator: "\n")
  }

  private func words(_ facts: BackfillFacts) -> FactsWording {
    FactsWording(facts, at: createdAt)
  }
}
