import DatabaseFixtures
import Domain

/// What the store should hold, worked out in memory by the rules of the design: documents by key,
/// their superseded versions, what became of every record.
struct StoreModel {
  /// A record as a thought: what it says, apart from how it is written.
  struct Order: Hashable {
    var id: String
    var day: Int
    var v: Int
    var cents: Int
    var currency: String
    var note: String
  }

  /// A record as it came.
  struct Record {
    enum Kind { case order(Order), outside, bad }
    var kind: Kind
    var text: String
    var id: String
  }

  struct Document: Hashable {
    var order: Order
    var payload: String
    var version: Int
  }

  private(set) var documents: [String: Document] = [:]
  private(set) var superseded: Set<Document> = []
  private(set) var keys: [Outcome: [String]] = [:]
  private(set) var counts = OutcomeCounts()

  /// Takes a batch, and says what became of its records.
  mutating func take(_ records: [Record], _ policy: Policy) -> OutcomeCounts {
    let before = counts
    var taken: [(String, Order, String)] = []
    for record in records {
      switch record.kind {
      case .bad: note(.rejected, record.id)
      case .outside: note(.outside, record.id)
      case .order(let order):
        guard let known = taken.firstIndex(where: { $0.0 == order.id }) else {
          taken.append((order.id, order, record.text))
          continue
        }
        note(.duplicate, order.id)
        let isNewer = policy == .newVersion && order.v >= taken[known].1.v
        if isNewer { taken[known] = (order.id, order, record.text) }
      }
    }
    for (id, order, text) in taken { store(id, order, text, policy) }
    return Outcome.allCases.reduce(into: OutcomeCounts()) { $0[$1] = counts[$1] - before[$1] }
  }

  private mutating func store(_ id: String, _ order: Order, _ text: String, _ policy: Policy) {
    guard let known = documents[id] else {
      documents[id] = Document(order: order, payload: text, version: 1)
      return note(.inserted, id)
    }
    guard known.order != order else { return note(.unchanged, id) }
    switch policy {
    case .keepFirst: note(.kept, id)
    case .reject: note(.rejected, id)
    case .newVersion where order.v < known.order.v: note(.stale, id)
    case .newVersion:
      superseded.insert(known)
      documents[id] = Document(order: order, payload: text, version: known.version + 1)
      note(.versioned, id)
    }
  }

  private mutating func note(_ outcome: Outcome, _ id: String) {
    keys[outcome, default: []].append(id)
    counts[outcome] += 1
  }

  /// Whether a batch has nothing new or changed in bytes: what a probe may find known.
  func isKnown(_ records: [Record], _ policy: Policy) -> Bool {
    var copy = self
    let counts = copy.take(records, policy)
    let stored = counts.read - counts[.outside] - counts[.duplicate] - counts[.rejected]
    return counts[.unchanged] == stored
  }

  /// Sums of the documents by day and currency, in cents, with how many there are.
  var sums: [String: (cents: Int, records: Int)] {
    documents.values.reduce(into: [:]) { sums, document in
      let key = "2024-03-0\(document.order.day) \(document.order.currency)"
      sums[key, default: (0, 0)].cents += document.order.cents
      sums[key, default: (0, 0)].records += 1
    }
  }
}
