import JSON

extension ProofFacts {
  /// What a verification came to, under stable names; `init(_:)` reads them.
  var json: JSONValue {
    var object: JSONObject = [
      "partitions": JSONValue(partitions), "equal": JSONValue(equal),
      "source_records": JSONValue(counts.source), "store_records": JSONValue(counts.store),
    ]
    for verdict in ProofCounts.tableOrder { object[verdict.rawValue] = JSONValue(counts[verdict]) }
    object["gone_sums"] = .array(
      goneSums.map {
        [
          "measure": .string($0.measure), "currency": .string($0.currency),
          "amount": .string($0.amount),
        ]
      })
    object["differing"] = .array(differing.map(\.json))
    return .object(object)
  }

  /// What was stored.
  init(_ stored: StoredFacts) throws(Faults) {
    self.init(
      partitions: Int(try stored.number("partitions")), equal: Int(try stored.number("equal")),
      counts: ProofCounts(
        source: try stored.number("source_records"), store: try stored.number("store_records")))
    for verdict in ProofCounts.tableOrder {
      counts[verdict] = try stored.number(verdict.rawValue)
    }
    for sum in try stored.list("gone_sums") {
      goneSums.append(
        BackfillFacts.Sum(
          measure: try sum.text("measure"), currency: try sum.text("currency"),
          amount: try sum.text("amount")))
    }
    for window in try stored.list("differing") { differing.append(try window.bounds()) }
  }
}
