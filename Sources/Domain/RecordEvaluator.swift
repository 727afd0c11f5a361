public import JSON

/// Decides what a record is: a document, outside of the window, or a rejection.
///
/// Pure.
public struct RecordEvaluator: Sendable {
  /// What a record is.
  enum Verdict {
    case document(eventAt: Instant, version: Int64?)
    case outside
    case rejected(RejectionReason, eventAt: Instant?)
  }

  /// The fields to be sliced out of each record, in the order that this evaluator expects.
  public let fields: [JSONPath]
  /// The names of the measures, as `MeasureSums` numbers them.
  public let measureNames: [String]

  let keepsFirst: Bool
  private var window: Window
  private let layout: RecordLayout
  private let eventTime: TimeReader
  private let key: KeyWriter
  private let version: VersionReader?
  private var measures: MeasureReader

  /// An evaluator for a stream; made once, because looking up zones takes time, and then set to
  /// one window after the other.
  public init(
    stream: StreamDefinition, policy: Policy, window: Window = .empty
  ) throws(InputFault) {
    let layout = stream.layout
    fields = layout.fields
    measureNames = stream.measures.map(\.name)
    keepsFirst = policy != .newVersion
    self.window = window
    self.layout = layout
    eventTime = TimeReader(
      format: stream.eventTime.format, zone: try Zone(stream.eventTime.zone))
    key = KeyWriter(template: stream.key, fields: layout.key)
    version = try VersionReader(stream.version, at: layout.version)
    measures = MeasureReader(
      stream.measures, layout: layout, zone: try Zone(stream.timeZone))
  }

  /// The same evaluator for another window.
  public func over(_ window: Window) -> RecordEvaluator {
    var copy = self
    copy.window = window
    return copy
  }

  /// Evaluates a record; appends its key and measures, and adds the measures of a document.
  mutating func evaluate(
    _ record: Int, of scan: ScannedPage, in page: UnsafeRawBufferPointer,
    key keys: inout [UInt8], measures texts: inout [UInt8], sums: inout MeasureSums
  ) -> Verdict {
    if let flaw = scan.records[record].flaw { return .rejected(.flaw(flaw), eventAt: nil) }
    let base = record * scan.fieldCount
    guard let event = eventTime.read(scan.fields[base + layout.eventTime], in: page) else {
      return .rejected(.eventTimeUnreadable, eventAt: nil)
    }
    let fault = key.write(scan.fields, base: base, in: page, to: &keys)
    guard window.contains(event) else { return .outside }
    if let fault { return .rejected(RejectionReason(fault), eventAt: event) }
    var order: Int64?
    if let version {
      guard let read = version.read(scan.fields, base: base, in: page) else {
        return .rejected(.versionUnreadable, eventAt: event)
      }
      order = read
    }
    if !measures.isEmpty {
      let fault = measures.read(
        scan.fields, base: base, at: event, in: page, to: &texts, addingTo: &sums)
      if let fault { return .rejected(RejectionReason(fault), eventAt: event) }
    }
    return .document(eventAt: event, version: order)
  }
}

/// Reads what orders the payloads of a key: microseconds of a time, or a whole number.
struct VersionReader: Sendable {
  private enum Kind {
    case time(TimeReader)
    case number
  }

  private let kind: Kind
  private let field: Int

  init?(_ version: VersionField?, at field: Int?) throws(InputFault) {
    guard let version, let field else { return nil }
    self.field = field
    switch version {
    case .time(let time):
      kind = .time(TimeReader(format: time.format, zone: try Zone(time.zone)))
    case .number: kind = .number
    }
  }

  func read(_ slices: [JSONSlice], base: Int, in page: UnsafeRawBufferPointer) -> Int64? {
    let slice = slices[base + field]
    switch kind {
    case .time(let reader): return reader.read(slice, in: page)?.microseconds
    case .number:
      guard slice.kind == .number || slice.kind == .string else { return nil }
      let text = UnsafeRawBufferPointer(rebasing: page[Int(slice.start)..<Int(slice.end)])
      guard let amount = Amount(text), amount.scale == 0 else { return nil }
      return Int64(exactly: amount.units)
    }
  }
}

extension RejectionReason {
  init(_ fault: KeyWriter.Fault) {
    self =
      switch fault {
      case .missing: .keyMissing
      case .wrongKind: .keyOfWrongKind
      case .tooLong: .keyTooLong
      }
  }

  init(_ fault: MeasureReader.Fault) {
    self =
      switch fault {
      case .amount(let measure): .amountUnreadable(measure: measure)
      case .currency(let measure): .currencyUnreadable(measure: measure)
      }
  }
}
