import JSON

/// Where each protocol keeps what is read of a line.
struct MessagePlaces: Sendable {
  let dialect: ProcessSource.Dialect
  /// Where the record lies in a line of type RECORD.
  let recordPath: [String]
  /// What is read of every line beside the fields of its record.
  let paths: [JSONPath]
  // The places of these in the fields of a line.
  let type: Int
  let stream: Int
  let record: Int
  let state: Int
  /// These are Airbyte's only.
  let namespace: Int
  let stateType: Int
  let stateStream: Int
  let stateData: Int
  let trace: Int

  /// The places for a protocol, behind so many fields of the record.
  init(_ dialect: ProcessSource.Dialect, behind count: Int) {
    self.dialect = dialect
    switch dialect {
    case .singer:
      recordPath = ["record"]
      paths = ["type", "stream", "record", "value"].map { JSONPath($0) }
    case .airbyte:
      recordPath = ["record", "data"]
      paths = [
        "type", "record.stream", "record.data", "state", "record.namespace", "state.type",
        "state.stream.stream_descriptor.name", "state.data", "trace",
      ].map { JSONPath($0) }
    }
    type = count
    stream = count + 1
    record = count + 2
    state = count + 3
    namespace = count + 4
    stateType = count + 5
    stateStream = count + 6
    stateData = count + 7
    trace = count + 8
  }
}

extension JSONSlice {
  /// Whether it is a string that says this.
  func equals(_ text: String, in page: UnsafeRawBufferPointer) -> Bool {
    switch kind {
    case .string: bytes(in: page).elementsEqual(text.utf8)
    case .escapedString: string(in: page) == text
    default: false
    }
  }
}

extension ScannedPage {
  /// A page without records.
  static let empty = ScannedPage(records: [], fields: [], fieldCount: 0, envelope: [])

  /// Moves a line to the front as the record that it holds.
  mutating func keep(_ line: Int, as record: Record, at place: Int) {
    records[place] = record
    guard line != place else { return }
    for field in 0..<fieldCount {
      fields[place * fieldCount + field] = fields[line * fieldCount + field]
    }
  }

  /// Leaves only the first records.
  mutating func cut(to count: Int) {
    records.removeSubrange(count...)
    fields.removeSubrange((count * fieldCount)...)
  }
}
