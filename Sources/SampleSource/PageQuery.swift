import HTTP

/// What a request asks for: a page of a stream's records within a time, from a cursor on.
struct PageQuery {
  let stream: SampleStream
  /// The first instant asked for.
  let from: Timestamp
  /// The first instant no longer asked for.
  let to: Timestamp
  let limit: Int
  /// Where the page begins; nil for the beginning.
  let cursor: Cursor?

  /// The place of a record, which the source shows to nobody but as a cursor.
  struct Cursor: Hashable {
    let day: SampleDay
    let index: Int

    init(day: SampleDay, index: Int) {
      self.day = day
      self.index = index
    }

    init?(_ text: String) {
      let parts = text.split(separator: "_", omittingEmptySubsequences: false)
      guard parts.count == 3, parts[0] == "c", let day = Int(parts[1], radix: 36),
        let index = Int(parts[2], radix: 36), index >= 0, (0...100_000).contains(day)
      else { return nil }
      self.init(day: SampleDay(number: day), index: index)
    }

    var text: String { "c_\(String(day.number, radix: 36))_\(String(index, radix: 36))" }
  }

  init(_ stream: SampleStream, _ target: Target) throws(RequestFault) {
    self.stream = stream
    let known = ["created_from", "created_to", "limit", "cursor"]
    if let unknown = target.query.first(where: { !known.contains($0.name) }) {
      throw RequestFault(400, "There is no parameter \(unknown.name).")
    }
    from = try timestamp("created_from", target)
    to = try timestamp("created_to", target)
    limit = target.value("limit").map { digits($0) ?? 0 } ?? 100
    guard (1...1000).contains(limit) else {
      throw RequestFault(400, "Parameter limit must be a number from 1 to 1000.")
    }
    cursor = target.value("cursor").flatMap { Cursor($0) }
    guard cursor != nil || target.value("cursor") == nil else {
      throw RequestFault(400, "Parameter cursor is not one that this source gave.")
    }
  }

  /// The target of the page at a cursor.
  func target(at cursor: Cursor) -> String {
    "/v1/\(stream.rawValue)?created_from=\(from.text)&created_to=\(to.text)&limit=\(limit)"
      + "&cursor=\(cursor.text)"
  }
}

private func timestamp(_ name: String, _ target: Target) throws(RequestFault) -> Timestamp {
  guard let text = target.value(name) else {
    throw RequestFault(400, "Parameter \(name) is missing.")
  }
  // Where a plus was not encoded, the query's rules have made it a blank.
  guard let timestamp = Timestamp(text) ?? Timestamp(text.replacingLastBlank) else {
    throw RequestFault(400, "Parameter \(name) is not an instant such as 2026-03-31T00:00:00Z.")
  }
  return timestamp
}

extension String {
  fileprivate var replacingLastBlank: String {
    guard let blank = lastIndex(of: " ") else { return self }
    return self[..<blank] + "+" + self[index(after: blank)...]
  }
}
