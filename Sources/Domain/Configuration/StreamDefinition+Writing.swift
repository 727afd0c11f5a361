public import JSON

extension SourceDefinition {
  /// The source as JSON, from which `init(json:)` makes it again.
  public var json: JSONValue {
    [
      "name": .string(name),
      "connector": .string(connector),
      "concurrency": concurrency.map { .number(String($0)) } ?? .null,
      "budget": budget.isEmpty ? .null : .array(budget.map(\.json)),
      "settings": settings,
      "streams": .array(streams.map(\.json)),
    ]
  }
}

extension StreamDefinition {
  /// The stream as JSON, from which `init(json:)` makes it again; a backfill keeps it so.
  public var json: JSONValue {
    [
      "name": .string(name),
      "key": .string(key.description),
      "event_time": eventTime.json,
      "version": version?.json ?? .null,
      "policy": .string(policy.rawValue),
      "exclude": .array(exclude.map { .string($0.description) }),
      "measures": measuresJSON,
      "time_zone": .string(timeZone),
      "step": .string(step.description),
      "tags": .array(tags.map { .string($0) }),
      "reject_limit": .number(String(rejectLimit)),
      "retry": retry.json,
      "verify": verify,
      "settings": settings,
    ]
  }

  private var measuresJSON: JSONValue {
    var object = JSONObject()
    for measure in measures { object[measure.name] = measure.json }
    return .object(object)
  }
}

extension TimeField {
  fileprivate var json: JSONValue {
    [
      "field": .string(path.description), "format": .string(format.rawValue), "zone": .string(zone),
    ]
  }
}

extension VersionField {
  fileprivate var json: JSONValue {
    switch self {
    case .time(let field): field.json
    case .number(let path): ["field": .string(path.description), "format": "number"]
    }
  }
}

extension RetryRule {
  fileprivate var json: JSONValue {
    ["attempts": .number(String(attempts)), "base": base.map { "\($0)us" } ?? .null]
  }
}

extension MeasureDefinition {
  fileprivate var json: JSONValue {
    let currency: JSONValue =
      switch self.currency {
      case .fixed(let code): .string(code)
      case .field(let path): ["field": .string(path.description)]
      }
    return [
      "field": .string(path.description), "currency": currency, "scale": scale.json,
      "negative": .bool(negative),
    ]
  }
}
