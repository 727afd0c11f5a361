public import JSON

extension BackfillFacts {
  /// The facts under stable names, as they are stored and as webhooks get them; `init(json:)` reads
  /// them.
  public var json: JSONObject {
    var object = always
    if isSplit { object["split"] = true }
    return object
  }

  private var always: JSONObject {
    [
      "backfill": JSONValue(backfill.rawValue), "mode": .string(mode.rawValue),
      "source": .string(source),
      "stream": .string(stream), "state": .string(state.rawValue), "window": window.json,
      "step": .string(step), "time_zone": .string(timeZone),
      "requested_by": .string(requestedBy), "reason": JSONValue(reason),
      "partitions": partitionsJSON, "records": recordsJSON,
      "sums": .array(
        sums.map {
          [
            "measure": .string($0.measure), "currency": .string($0.currency),
            "amount": .string($0.amount),
          ]
        }),
      "failures": .array(
        failures.map {
          [
            "partition": JSONValue($0.partition), "window": $0.window.json,
            "kind": .string($0.kind), "message": .string($0.message),
          ]
        }),
      "empty": .array(
        empty.map { ["window": $0.window.json, "typical": JSONValue($0.typical)] }),
      "proof": proof.map(\.json) ?? .null,
    ]
  }

  private var partitionsJSON: JSONValue {
    var object: JSONObject = ["total": JSONValue(partitions.total)]
    for state in PartitionState.allCases { object[state.rawValue] = JSONValue(partitions[state]) }
    return .object(object)
  }

  private var recordsJSON: JSONValue {
    var object: JSONObject = ["read": JSONValue(records.read)]
    for outcome in Outcome.allCases { object[outcome.rawValue] = JSONValue(records[outcome]) }
    return .object(object)
  }
}

extension BackfillFacts {
  /// The facts that were stored; members that nobody here knows are left alone, because a newer
  /// program may have written them.
  public init(json: JSONValue) throws(Faults) {
    let stored = StoredFacts(json)
    self.init(
      backfill: BackfillID(rawValue: try stored.number("backfill")),
      mode: try stored.name("mode"),
      stream: try stored.text("stream"), window: try stored.window("window"),
      step: try stored.text("step"), isSplit: json["split"] == .bool(true),
      timeZone: try stored.text("time_zone"),
      requestedBy: try stored.text("requested_by"), reason: json["reason"]?.string,
      state: try stored.name("state"), partitions: PartitionCounts(), records: OutcomeCounts(),
      sums: [], failures: [])
    let (counts, outcomes) = (try stored.part("partitions"), try stored.part("records"))
    for state in PartitionState.allCases {
      partitions[state] = Int(try counts.number(state.rawValue))
    }
    for outcome in Outcome.allCases { records[outcome] = try outcomes.number(outcome.rawValue) }
    for sum in try stored.list("sums") {
      sums.append(
        Sum(
          measure: try sum.text("measure"), currency: try sum.text("currency"),
          amount: try sum.text("amount")))
    }
    for failure in try stored.list("failures") {
      failures.append(
        Failure(
          partition: Int32(clamping: try failure.number("partition")),
          window: try failure.window("window"), kind: try failure.text("kind"),
          message: try failure.text("message")))
    }
    // Notices of earlier programs have neither.
    for partition in json["empty"]?.array.map({ $0.map(StoredFacts.init) }) ?? [] {
      empty.append(
        SuspiciouslyEmpty(
          window: try partition.window("window"), typical: try partition.number("typical")))
    }
    if let stored = json["proof"], !stored.isNull { proof = try ProofFacts(StoredFacts(stored)) }
  }
}

extension Window {
  /// The bounds in RFC 3339.
  var json: JSONValue {
    ["from": .string(from.description), "to": .string(to.description)]
  }
}

/// Reads what this program once wrote, of which every part must be there.
struct StoredFacts {
  private let value: JSONValue

  init(_ value: JSONValue) {
    self.value = value
  }

  func text(_ key: String) throws(Faults) -> String {
    try found(value[key]?.string, key)
  }

  func number(_ key: String) throws(Faults) -> Int64 {
    Int64(try found(value[key]?.int, key))
  }

  func name<Name: RawRepresentable<String>>(_ key: String) throws(Faults) -> Name {
    try found(value[key]?.string.flatMap { Name(rawValue: $0) }, key)
  }

  func window(_ key: String) throws(Faults) -> Window {
    try part(key).bounds()
  }

  /// The window that this is itself.
  func bounds() throws(Faults) -> Window {
    Window(from: try instant("from"), to: try instant("to"))
  }

  func part(_ key: String) throws(Faults) -> StoredFacts {
    StoredFacts(try found(value[key], key))
  }

  func list(_ key: String) throws(Faults) -> [StoredFacts] {
    try found(value[key]?.array, key).map(StoredFacts.init)
  }

  private func instant(_ key: String) throws(Faults) -> Instant {
    try found(value[key]?.string.flatMap { Instant($0) }, key)
  }

  private func found<Value>(_ value: Value?, _ key: String) throws(Faults) -> Value {
    guard let value else {
      throw Faults([Fault(path: key, message: "is not as a stored notice has it")])
    }
    return value
  }
}
