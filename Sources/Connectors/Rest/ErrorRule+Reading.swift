import JSON

extension ErrorRule {
  /// The rules of a source or a stream, in their order.
  static func readAll(_ reader: ObjectReader) -> [ErrorRule] {
    (reader.optionalObjects("errors") ?? []).map { ErrorRule($0) }
  }

  private init(_ reader: ObjectReader) {
    let when = reader.object("when")
    self.init(
      statuses: when.statuses(), header: when.optionalString("header"),
      path: when.optionalString("path").map { BodyPath($0) }, equals: when.texts("equals"),
      contains: when.optionalString("contains"),
      action: reader.choice("do"), wait: reader.optionalObject("wait").flatMap { Wait($0) },
      message: reader.optionalString("message").map {
        $0.hasSuffix(".") ? String($0.dropLast()) : $0
      })
    check(reader, when)
  }

  private func check(_ reader: ObjectReader, _ when: ObjectReader) {
    if statuses.isEmpty, header == nil, path == nil, contains == nil, equals.isEmpty {
      reader.fault("when", "expected a status, header or path, got nothing: it would be for all")
    }
    if header != nil, path != nil {
      when.fault("path", "expected a header or a path, not both; write two rules")
    }
    let looksAtBody = header == nil && path == nil && (contains != nil || !equals.isEmpty)
    if looksAtBody, statuses.isEmpty || statuses.contains(where: { $0.overlaps(200...299) }) {
      when.fault(
        "status",
        "expected statuses other than 2xx where the whole body is looked at; give a path or header")
    }
    if action == .empty || action == .skip, statuses == [200...299], path == nil, header == nil {
      reader.fault("do", "expected an answer that tells itself from a page; give a path or header")
    }
  }
}

extension ErrorRule.Wait {
  fileprivate init?(_ reader: ObjectReader) {
    let header = reader.optionalString("header")
    let path = reader.optionalString("path")
    let seconds = reader.optionalInt("seconds", in: 0...86_400)
    unit = reader.optionalChoice("as", of: Unit.self) ?? .seconds
    longest = Int64(reader.optionalInt("at_most_seconds", in: 1...86_400) ?? 86_400) * 1_000_000
    switch (header, path, seconds) {
    case (let header?, nil, nil): place = .header(header)
    case (nil, let path?, nil): place = .body(BodyPath(path))
    case (nil, nil, let seconds?): place = .fixed(seconds: seconds)
    default:
      reader.faults.add(path: reader.path, "expected one of header, path and seconds")
      return nil
    }
  }
}

extension ObjectReader {
  /// Statuses, as `404`, `"5xx"` or a list of them.
  fileprivate func statuses() -> [ClosedRange<Int>] {
    guard let value = optionalValue("status") else { return [] }
    return (value.array ?? [value]).compactMap { status in
      if let number = status.int, 100...599 ~= number { return number...number }
      if let text = status.string, text.utf8.count == 3, text.hasSuffix("xx"),
        let hundred = Int(text.prefix(1)), 1...5 ~= hundred
      {
        return hundred * 100...hundred * 100 + 99
      }
      fault("status", "expected a status such as 404, or \"5xx\", or a list of them")
      return nil
    }
  }

  /// Texts, numbers or flags, one or a list of them.
  fileprivate func texts(_ key: String) -> [String] {
    guard let value = optionalValue(key) else { return [] }
    let values = value.array ?? [value]
    let texts = values.compactMap(\.plainText)
    if texts.count < values.count || texts.isEmpty {
      fault(key, "expected a text, a number, true or false, or a list of them")
    }
    return texts
  }
}
