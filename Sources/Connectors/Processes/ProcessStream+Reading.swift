import Domain
import JSON

extension ProcessStream {
  /// What a stream's definition says to its program; nil, with the faults noted, where it has any.
  static func read(
    _ reader: ObjectReader, name: String, dialect: ProcessSource.Dialect
  ) -> ProcessStream? {
    var stream = ProcessStream(
      name: reader.optionalString("stream") ?? name, ending: .marked, selection: .catalog)
    stream.ending = reader.optionalChoice("ending", of: Ending.self) ?? .marked
    switch dialect {
    case .singer:
      stream.selection = reader.optionalChoice("selection", of: Selection.self) ?? .catalog
    case .airbyte:
      stream.namespace = reader.optionalString("namespace")
      stream.mode = reader.optionalChoice("mode", of: Mode.self)
      stream.cursorField = reader.optionalStrings("cursor_field")
    }
    guard let window = reader.optionalObject("window") else { return stream }
    guard let bounds = ProcessBounds.read(window) else { return nil }
    stream.bounds = bounds
    return stream
  }
}

extension ProcessBounds {
  private enum End: String, CaseIterable {
    case exclusive, inclusive
  }

  /// How a definition says that a program is told the window; nil, with the faults noted, where it
  /// has any.
  fileprivate static func read(_ reader: ObjectReader) -> ProcessBounds? {
    let from = JSONPath(reader.string("from"))
    let to = reader.optionalString("to").map { JSONPath($0) }
    let end = reader.optionalChoice("end", of: End.self) ?? .exclusive
    let margin = reader.optionalInt("margin_seconds", in: 0...31_536_000) ?? 0
    let format = WireBounds.format(reader, else: .rfc3339)
    guard let zone = WireBounds.zone(reader), let format else { return nil }
    let writesDays = format.finestGrain == .day
    if end == .inclusive, !writesDays {
      reader.fault(
        "end",
        "expected end with days only: of finer times the little that is asked for "
          + "too much is left out again")
    }
    return ProcessBounds(
      from: from, to: to,
      wire: WireBounds(
        from: .gte, to: end == .inclusive && writesDays ? .lte : .lt,
        grain: format.finestGrain, format: format, zone: zone),
      margin: Int64(margin) * 1_000_000)
  }
}
