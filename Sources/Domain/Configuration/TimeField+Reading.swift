import JSON

/// How a time or version is written in the file: a path alone, or a path with format and zone.
struct WrittenField {
  var path: JSONPath
  var format: Format
  var zone: String

  /// The formats of times, and numbers, which only versions may be.
  enum Format: String, CaseIterable {
    case epochSeconds = "epoch_seconds"
    case epochMilliseconds = "epoch_milliseconds"
    case rfc3339
    case local
    case number
  }
}

extension TimeField {
  /// The field as it was written; a number, which has been refused, stands in as a time.
  init(_ written: WrittenField) {
    self.init(
      path: written.path, format: Format(rawValue: written.format.rawValue) ?? .rfc3339,
      zone: written.zone)
  }
}

extension ObjectReader {
  /// A field that holds a time; the stand-in has an empty path.
  func timeField(_ key: String, defaultZone: String) -> WrittenField {
    let written = writtenField(key, value(key), defaultZone: defaultZone)
    if written.format == .number {
      fault(
        "\(key).format", "expected a time, and a number is none; write epoch_seconds or another")
    }
    return written
  }

  /// A field that holds a version, if there is one.
  func optionalVersion(_ key: String, defaultZone: String) -> VersionField? {
    optionalValue(key).map { value in
      let written = writtenField(key, value, defaultZone: defaultZone)
      return written.format == .number ? .number(written.path) : .time(TimeField(written))
    }
  }

  private func writtenField(_ key: String, _ value: JSONValue, defaultZone: String) -> WrittenField
  {
    if case .string(let text) = value {
      if text.isEmpty { fault(key, "expected \(key) to name a field, got nothing") }
      return WrittenField(path: checkedPath(text, key), format: .rfc3339, zone: "UTC")
    }
    guard case .object = value else {
      if !value.isNull {
        fault(key, "expected \(key) to be a field's name, or an object with field and format")
      }
      return WrittenField(path: JSONPath(""), format: .rfc3339, zone: "UTC")
    }
    return object(key).writtenField(defaultZone: defaultZone)
  }

  private func writtenField(defaultZone: String) -> WrittenField {
    let format = optionalChoice("format", of: WrittenField.Format.self) ?? .rfc3339
    let zone = optionalZoneName("zone")
    if let zone, format != .local, zone != "UTC" {
      fault("zone", "only times of the format local need a zone; \(format.rawValue) has its own")
    }
    return WrittenField(
      path: fieldPath("field"), format: format,
      zone: format == .local ? zone ?? defaultZone : "UTC")
  }
}
