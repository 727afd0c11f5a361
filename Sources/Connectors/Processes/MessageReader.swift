import Domain
import JSON

/// Reads what a program says, line by line: the records of one stream as slices of the bytes that
/// came, and what else matters.
struct MessageReader {
  /// What some whole lines hold.
  struct Reading {
    /// The records of the stream.
    var scan: ScannedPage
    /// Why nothing that follows is to be read; the records stand before it.
    var failure: SourceFailure?
  }

  /// The state that the program said last, as JSON that can be handed back to it.
  private(set) var state: String?
  /// Whether the program has shown that its last record was the last.
  private(set) var hasFinished = false
  private let stream: ProcessStream
  private let places: MessagePlaces
  private let scanner: RecordScanner
  private let words: ProcessWords

  init(
    _ stream: ProcessStream, dialect: ProcessSource.Dialect, fields: [JSONPath], state: String?,
    words: ProcessWords
  ) {
    self.stream = stream
    self.words = words
    self.state = state
    let places = MessagePlaces(dialect, behind: fields.count)
    self.places = places
    scanner = RecordScanner(
      records: JSONPath(keys: []), envelope: [],
      fields: fields.map { JSONPath(keys: places.recordPath + $0.keys) } + places.paths)
  }

  /// Reads whole lines.
  mutating func read(_ lines: UnsafeRawBufferPointer) -> Reading {
    var scan: ScannedPage
    do throws(JSONError) {
      scan = try scanner.scanLines(lines)
    } catch {
      return Reading(scan: .empty, failure: SourceFailure(.invalidPage, error.message))
    }
    var kept = 0
    var said: (JSONSlice, isBare: Bool)?
    var failure: SourceFailure?
    for line in scan.records.indices where failure == nil {
      switch message(line, of: scan, in: lines) {
      case .record(let record):
        scan.keep(line, as: record, at: kept)
        kept += 1
        hasFinished = false
      case .state(let slice, let isBare):
        said = (slice, isBare)
        if places.dialect == .singer { hasFinished = true }
      case .finished(let isFinished): hasFinished = isFinished
      case .nothing: break
      case .failure(let found): failure = found
      }
    }
    scan.cut(to: kept)
    if let (slice, isBare) = said { failure = note(slice, isBare, in: lines) ?? failure }
    return Reading(scan: scan, failure: failure)
  }

  private mutating func note(
    _ slice: JSONSlice, _ isBare: Bool, in lines: UnsafeRawBufferPointer
  ) -> SourceFailure? {
    let bytes = slice.bytes(in: lines)
    guard bytes.count <= ProcessLimits.stateBytes else { return words.largeState(bytes.count) }
    let text = String(decoding: bytes, as: UTF8.self)
    state = isBare ? text : "[\(text)]"
    return nil
  }
}

// Messages
extension MessageReader {
  private enum Message {
    case record(ScannedPage.Record)
    /// A state, to be handed back as it is or in a list.
    case state(JSONSlice, isBare: Bool)
    case finished(Bool)
    case nothing
    case failure(SourceFailure)
  }

  private func message(
    _ line: Int, of scan: ScannedPage, in lines: UnsafeRawBufferPointer
  ) -> Message {
    let record = scan.records[line]
    let base = line * scan.fieldCount
    let type = scan.fields[base + places.type]
    guard record.flaw != .malformed, type.kind == .string else {
      return .failure(words.rubbish(beginning(of: record, in: lines)))
    }
    if type.equals("RECORD", in: lines) { return self.record(record, base, scan, lines) }
    if type.equals("STATE", in: lines) { return state(record, base, scan, lines) }
    switch places.dialect {
    case .singer: return type.equals("BATCH", in: lines) ? .failure(words.batch) : .nothing
    case .airbyte:
      guard type.equals("TRACE", in: lines) else { return .nothing }
      return trace(scan.fields[base + places.trace], lines)
    }
  }

  private func record(
    _ line: ScannedPage.Record, _ base: Int, _ scan: ScannedPage, _ lines: UnsafeRawBufferPointer
  ) -> Message {
    let name = scan.fields[base + places.stream]
    guard name.equals(stream.name, in: lines) else {
      let isAnothers = name.kind == .string || name.kind == .escapedString
      return isAnothers ? .nothing : .failure(words.rubbish(beginning(of: line, in: lines)))
    }
    if places.dialect == .airbyte, let namespace = stream.namespace,
      !scan.fields[base + places.namespace].equals(namespace, in: lines)
    {
      return .nothing
    }
    let slice = scan.fields[base + places.record]
    guard slice.kind == .object else {
      return .record(
        ScannedPage.Record(start: line.start, end: line.end, flaw: line.flaw ?? .notAnObject))
    }
    return .record(ScannedPage.Record(start: slice.start, end: slice.end, flaw: line.flaw))
  }

  private func state(
    _ line: ScannedPage.Record, _ base: Int, _ scan: ScannedPage, _ lines: UnsafeRawBufferPointer
  ) -> Message {
    let slice = scan.fields[base + places.state]
    if line.flaw != nil || slice.kind == .missing { return .failure(words.badState) }
    guard places.dialect == .airbyte else { return .state(slice, isBare: true) }
    let name = scan.fields[base + places.stateStream]
    // The states of other streams, which were not asked for, are no matter here.
    if name.kind != .missing, !name.equals(stream.name, in: lines) { return .nothing }
    let type = scan.fields[base + places.stateType]
    let data = scan.fields[base + places.stateData]
    let isLegacy = type.kind == .missing || type.equals("LEGACY", in: lines)
    return isLegacy && data.kind == .object
      ? .state(data, isBare: true) : .state(slice, isBare: false)
  }

  private func trace(_ slice: JSONSlice, _ lines: UnsafeRawBufferPointer) -> Message {
    switch AirbyteTrace(String(decoding: slice.bytes(in: lines), as: UTF8.self)) {
    case .error(let kind, let message): .failure(words.told(kind, message))
    case .status(stream.name, "INCOMPLETE"): .failure(words.incomplete)
    case .status(stream.name, let status): .finished(status == "COMPLETE")
    case .status, .other: .nothing
    }
  }

  private func beginning(
    of line: ScannedPage.Record, in lines: UnsafeRawBufferPointer
  ) -> [UInt8] {
    Array(lines[Int(line.start)..<Int(line.end)].prefix(4_096))
  }
}
