public import JSON

/// Which fields are sliced out of every record, and which of them serves what.
public struct RecordLayout: Hashable, Sendable {
  /// The fields, each once.
  public private(set) var fields: [JSONPath] = []
  /// The indexes of the key template's fields, in the order of the template.
  public private(set) var key: [Int] = []
  /// The index of the event time.
  public private(set) var eventTime = 0
  /// The index of the version field.
  public private(set) var version: Int?
  /// The index of each measure's number.
  public private(set) var amounts: [Int] = []
  /// The index of each measure's currency; nil where it is fixed.
  public private(set) var currencies: [Int?] = []

  init(_ stream: StreamDefinition) {
    key = stream.key.fields.map { index(of: $0) }
    eventTime = index(of: stream.eventTime.path)
    switch stream.version {
    case .time(let field): version = index(of: field.path)
    case .number(let path): version = index(of: path)
    case nil: break
    }
    for measure in stream.measures {
      amounts.append(index(of: measure.path))
      switch measure.currency {
      case .fixed: currencies.append(nil)
      case .field(let path): currencies.append(index(of: path))
      }
    }
  }

  private mutating func index(of path: JSONPath) -> Int {
    if let known = fields.firstIndex(of: path) { return known }
    fields.append(path)
    return fields.count - 1
  }
}
