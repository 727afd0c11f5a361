import JSON

extension SubscriptionDefinition {
  init(_ reader: ObjectReader, name: String) {
    self.init(
      name: name, team: reader.optionalString("team"), scope: Scope(reader.object("scope")),
      events: reader.choices("events", orElse: "name at least one event, such as finished"),
      delivery: Delivery(reader.object("deliver")))
  }
}

extension Scope {
  init(_ reader: ObjectReader) {
    self.init(
      sources: reader.names("sources"), streams: Self.streams(reader), tags: reader.names("tags"))
    if isEmpty, reader.keys.allSatisfy({ ["sources", "streams", "tags"].contains($0) }) {
      reader.faults.add(
        path: reader.path, "the scope is empty; name sources, streams or tags that it hears of")
    }
  }

  private static func streams(_ reader: ObjectReader) -> [String] {
    let names = reader.texts("streams")
    for (index, name) in names where !DefinitionName.isStream(name) {
      reader.fault(
        "streams[\(index)]",
        "\(Wording.quoted(name)) cannot be a stream; write source.stream, such as shop.orders")
    }
    return names.map(\.text)
  }
}
