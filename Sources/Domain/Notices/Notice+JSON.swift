public import JSON

extension Notice {
  /// The kind as it is stored and as webhooks name it.
  public var kindName: String { occasion.kind?.rawValue ?? "test" }

  /// The body of a webhook (Standard Webhooks): what happened, when, the facts, and the sentence
  /// for people.
  public var webhookBody: JSONValue {
    var data = occasion.json
    data["text"] = .string(text)
    return [
      "type": .string("backfill.\(kindName)"), "timestamp": .string(createdAt.description),
      "data": .object(data),
    ]
  }

  /// The notice that was stored.
  public init(
    id: NoticeID, kindName: String, facts: JSONValue, createdAt: Instant
  ) throws(Faults) {
    self.init(
      id: id, occasion: try Occasion(kindName: kindName, facts: facts), createdAt: createdAt)
  }
}

extension Notice.Occasion {
  /// What is stored of it beside its kind.
  public var json: JSONObject {
    switch self {
    case .ended(let facts), .partitionFailed(let facts): return facts.json
    case .blocked(let facts, let block):
      var object = facts.json
      object["block"] = [
        "kind": .string(block.kind), "message": .string(block.message),
        "until": JSONValue(block.until?.description),
      ]
      return object
    case .test(let subscription): return ["subscription": .string(subscription)]
    }
  }

  fileprivate init(kindName: String, facts json: JSONValue) throws(Faults) {
    switch NoticeKind(rawValue: kindName) {
    case .finished, .finishedWithFailures, .verified, .differenceFound:
      self = .ended(try BackfillFacts(json: json))
    case .partitionFailed: self = .partitionFailed(try BackfillFacts(json: json))
    case .blocked:
      let block = StoredFacts(json["block"] ?? .null)
      self = .blocked(
        try BackfillFacts(json: json),
        Notice.Block(
          kind: try block.text("kind"), message: try block.text("message"),
          until: json["block"]?["until"]?.string.flatMap { Instant($0) }))
    case nil: self = .test(subscription: try StoredFacts(json).text("subscription"))
    }
  }
}
