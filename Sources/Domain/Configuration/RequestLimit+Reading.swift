public import JSON

extension RequestLimit {
  /// The names by which a definition calls the ways of counting.
  enum Algorithm: String, CaseIterable {
    case movingWindow = "moving_window"
    case fixedWindow = "fixed_window"
    case tokenBucket = "token_bucket"
    case leakyBucket = "leaky_bucket"
    case cost
    case concurrency
    case daily
  }

  /// The limit that `json` wrote; throws all faults at once.
  public init(json: JSONValue) throws(Faults) {
    self = try ObjectReader.read(json) { reader in RequestLimit(reader) }
  }

  /// The limits of a source, with every fault noted.
  static func read(_ reader: ObjectReader) -> [RequestLimit] {
    let readers = reader.optionalObjects("budget") ?? []
    var names: Set<String> = []
    return readers.map { reader in
      let limit = RequestLimit(reader)
      if !limit.name.isEmpty, !names.insert(limit.name).inserted {
        reader.fault("name", "there are two limits \(Wording.quoted(limit.name)); rename one")
      }
      return limit
    }
  }

  private init(_ reader: ObjectReader) {
    let algorithm: Algorithm = reader.optionalChoice("algorithm") ?? .movingWindow
    self.init(
      reader.string("name"), Self.rule(algorithm, reader),
      scope: reader.optionalObject("scope").map(LimitScope.init) ?? .source,
      reserve: algorithm == .concurrency
        ? 0 : reader.optionalNumber("reserve", in: 0...0.95) ?? 0,
      observed: reader.optionalObject("observe").flatMap(QuotaFields.init))
  }

  private static func rule(_ algorithm: Algorithm, _ reader: ObjectReader) -> Rule {
    switch algorithm {
    case .movingWindow: return .movingWindow(Rate(reader))
    case .fixedWindow: return .fixedWindow(Rate(reader))
    case .tokenBucket:
      let rate = Rate(reader)
      return .tokenBucket(rate, burst: burst(reader) ?? rate.count)
    case .leakyBucket:
      let rate = Rate(reader)
      return .leakyBucket(rate, burst: burst(reader) ?? rate.count)
    case .cost:
      let rate = Rate(reader)
      return .cost(
        rate, burst: burst(reader) ?? rate.count,
        each: reader.optionalInt("cost", in: 1...1_000_000) ?? 1)
    case .concurrency: return .concurrency(reader.int("at_once", in: 1...10_000))
    case .daily:
      return .daily(
        reader.int("rate", in: 1...1_000_000_000),
        zone: reader.optionalZoneName("zone") ?? "UTC")
    }
  }

  private static func burst(_ reader: ObjectReader) -> Int? {
    reader.optionalInt("burst", in: 1...1_000_000)
  }
}

extension RequestLimit.Rate {
  fileprivate init(_ reader: ObjectReader) {
    self.init(reader.int("rate", in: 1...1_000_000), per: reader.optionalPeriod("per") ?? 1_000_000)
  }
}

extension LimitScope {
  fileprivate init(_ reader: ObjectReader) {
    let method = reader.optionalString("method")
    if let method, !["GET", "POST", "HEAD"].contains(method) {
      reader.fault("method", "expected method to be GET, POST or HEAD, got \(method)")
    }
    let text = reader.string("path")
    let each = reader.optionalBool("each") ?? false
    guard let pattern = PathPattern(text) else {
      if !text.isEmpty {
        reader.fault(
          "path",
          "\(Wording.quoted(text)) is no pattern of paths; write /v1/charges, /v1/* or /v1/**")
      }
      self = .source
      return
    }
    self = .endpoint(method: method, path: pattern, each: each)
  }
}

extension QuotaFields {
  fileprivate init?(_ reader: ObjectReader) {
    if let ratio = reader.optionalString("ratio") {
      self = .ratio(ratio)
    } else if let body = reader.optionalObject("body") {
      self = .body(
        available: body.fieldPath("available"), capacity: body.optionalFieldPath("capacity"),
        restore: body.optionalFieldPath("restore"))
    } else {
      let reset = reader.optionalString("reset")
      let unit: Reset.Unit = reader.optionalChoice("reset_unit") ?? .seconds
      self = .window(
        remaining: reader.string("remaining"), limit: reader.optionalString("limit"),
        reset: reset.map { Reset($0, unit) })
    }
  }
}

extension ObjectReader {
  fileprivate func optionalFieldPath(_ key: String) -> JSONPath? {
    optionalString(key).map { checkedPath($0, key) }
  }

  /// A stretch of time in microseconds, as `500ms`, `1s`, `10s`, `1min`, `1h` or `1d`, if given.
  fileprivate func optionalPeriod(_ key: String) -> Int64? {
    guard let text = optionalString(key) else { return nil }
    if let period = microseconds(text), 1_000...2_678_400_000_000 ~= period { return period }
    fault(
      key,
      "expected \(key) to be a time of at most 31 days, as 500ms, 1s, 10s, 1min, 1h or 1d, got "
        + Wording.quoted(text))
    return nil
  }
}
