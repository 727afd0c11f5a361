import Domain
import JSON

extension FileSpecification {
  private enum Kind: String, CaseIterable {
    case csv, ndjson
  }

  /// What a stream's definition says of its files; nil, with the faults noted, where it has any.
  static func read(_ reader: ObjectReader, eventTime: TimeField) -> FileSpecification? {
    let path = reader.string("path")
    if !path.isEmpty, !path.hasPrefix("/") {
      reader.fault("path", "expected path to begin with /, got \"\(path)\"")
    }
    let named = reader.optionalChoice("format", of: Kind.self)
    let delimiter = delimiter(reader)
    guard let kind = named ?? kind(of: path) else {
      if !path.isEmpty {
        reader.fault(
          "format", "expected format to be given, \"csv\" or \"ndjson\", as the path does not tell")
      }
      return nil
    }
    if kind == .ndjson, reader.keys.contains("delimiter") {
      reader.fault("delimiter", "expected no delimiter with ndjson; it parts the columns of csv")
    }
    return FileSpecification(
      path: path, format: kind == .csv ? .csv(delimiter: delimiter) : .ndjson,
      eventTime: eventTime)
  }

  private static func kind(of path: String) -> Kind? {
    let name = isPacked(path) ? path.dropLast(3) : path[...]
    if name.hasSuffix(".csv") { return .csv }
    return name.hasSuffix(".ndjson") || name.hasSuffix(".jsonl") ? .ndjson : nil
  }

  private static func delimiter(_ reader: ObjectReader) -> UInt8 {
    let comma = UInt8(ascii: ",")
    guard let text = reader.optionalString("delimiter") else { return comma }
    let usual: Set<Character> = [",", ";", "\t", "|", ":", "^", "~", " "]
    if let character = text.first, text.count == 1, usual.contains(character),
      let byte = character.asciiValue
    {
      return byte
    }
    reader.fault("delimiter", "expected one of , ; | : ^ ~ a tab or a blank, got \"\(text)\"")
    return comma
  }
}
