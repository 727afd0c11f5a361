/// The parameters `$1`, `$2` … of one call, in order.
public struct Parameters: Sendable {
  /// One parameter: its type, and where its bytes lie; no length stands for NULL.
  struct Slot: Sendable {
    let type: PostgresType
    let offset: Int
    let length: Int32?
  }

  private(set) var bytes = ParameterBytes()
  private(set) var slots: [Slot] = []

  /// No parameters yet.
  public init() {}

  /// Appends the next parameter; throws where PostgreSQL could not take it.
  public mutating func append<Value: PostgresEncodable>(_ value: Value) throws(PostgresError) {
    let offset = bytes.count
    guard !value.isNull else {
      slots.append(Slot(type: Value.postgresType, offset: offset, length: nil))
      return
    }
    do {
      try value.encode(into: &bytes)
      let length = try ParameterBytes.length(bytes.count - offset)
      slots.append(Slot(type: Value.postgresType, offset: offset, length: length))
    } catch {
      throw PostgresError(.encoding, "Parameter $\(slots.count + 1): \(error.message)")
    }
  }
}
