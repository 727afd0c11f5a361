public import JSON

extension RequestLimit {
  /// The limit as JSON, in the form in which it is applied.
  public var json: JSONValue {
    var object = JSONObject()
    object["name"] = .string(name)
    object["algorithm"] = .string(algorithm.rawValue)
    switch rule {
    case .movingWindow(let rate), .fixedWindow(let rate): object.add(rate)
    case .tokenBucket(let rate, let burst), .leakyBucket(let rate, let burst):
      object.add(rate)
      object["burst"] = .whole(burst)
    case .cost(let rate, let burst, let each):
      object.add(rate)
      object["burst"] = .whole(burst)
      object["cost"] = .whole(each)
    case .concurrency(let count): object["at_once"] = .whole(count)
    case .daily(let count, let zone):
      object["rate"] = .whole(count)
      object["zone"] = .string(zone)
    }
    if reserve > 0 { object["reserve"] = .number(String(reserve)) }
    object["scope"] = scope.json
    object["observe"] = observed?.json ?? .null
    return .object(object)
  }

  private var algorithm: Algorithm {
    switch rule {
    case .movingWindow: .movingWindow
    case .fixedWindow: .fixedWindow
    case .tokenBucket: .tokenBucket
    case .leakyBucket: .leakyBucket
    case .cost: .cost
    case .concurrency: .concurrency
    case .daily: .daily
    }
  }
}

extension JSONValue {
  fileprivate static func whole(_ count: Int) -> JSONValue { .number(String(count)) }
}

extension JSONObject {
  fileprivate mutating func add(_ rate: RequestLimit.Rate) {
    self["rate"] = .number(String(rate.count))
    self["per"] = .string("\(rate.period)us")
  }
}

extension LimitScope {
  fileprivate var json: JSONValue {
    switch self {
    case .source: .null
    case .endpoint(let method, let path, let each):
      [
        "method": method.map { .string($0) } ?? .null, "path": .string(path.text),
        "each": .bool(each),
      ]
    }
  }
}

extension QuotaFields {
  fileprivate var json: JSONValue {
    switch self {
    case .window(let remaining, let limit, let reset):
      [
        "remaining": .string(remaining), "limit": limit.map { .string($0) } ?? .null,
        "reset": (reset?.header).map { .string($0) } ?? .null,
        "reset_unit": (reset?.unit.rawValue).map { .string($0) } ?? .null,
      ]
    case .ratio(let header): ["ratio": .string(header)]
    case .body(let available, let capacity, let restore):
      [
        "body": [
          "available": .string(available.description),
          "capacity": (capacity?.description).map { .string($0) } ?? .null,
          "restore": (restore?.description).map { .string($0) } ?? .null,
        ]
      ]
    }
  }
}
