import Domain
import JSON
import Testing

@Suite struct DefinitionRoundTripTests {
  @Test("a definition that was written is read again as it was", arguments: Seeded.seeds(2))
  func roundTrips(seed: UInt64) throws {
    var generator = Seeded(seed)
    for _ in 0..<60 {
      let source = try randomSource(using: &generator)
      let text = source.json.encoded()
      let again = try SourceDefinition(json: JSONValue.parse(text))
      #expect(again == source, "seed \(seed): \(text)")
      for stream in source.streams {
        #expect(try StreamDefinition(json: stream.json) == stream, "seed \(seed)")
      }
    }
  }

  @Test("a stored definition that was tampered with is refused")
  func refusesOthers() throws {
    var generator = Seeded(4)
    guard case .object(var object) = try randomSource(using: &generator).json else { return }
    object["concurency"] = 3
    #expect(throws: Faults.self) { try SourceDefinition(json: .object(object)) }
  }

  private func randomSource(using generator: inout Seeded) throws -> SourceDefinition {
    SourceDefinition(
      name: "shop", connector: generator.pick(["rest", "files"]),
      concurrency: generator.pick([nil, 1, 9]),
      budget: generator.pick([[], RequestLimitTests.all]), settings: settings(using: &generator),
      streams: try (0..<Int.random(in: 1...3, using: &generator)).map { index in
        try randomStream("shop.s\(index)", using: &generator)
      })
  }

  private func randomStream(_ name: String, using generator: inout Seeded) throws
    -> StreamDefinition
  {
    StreamDefinition(
      name: name, key: try KeyTemplate(generator.pick(["{id}", "a:{b.c}:{d}", "{{x}}{é}"])),
      eventTime: time("at", using: &generator),
      version: generator.pick([
        nil, .number(JSONPath("rev")), .time(time("x.updated", using: &generator)),
      ]),
      policy: generator.pick(Policy.allCases),
      exclude: generator.pick([[], [JSONPath("a"), JSONPath("b.c")]]),
      measures: generator.pick([
        [],
        [
          MeasureDefinition(name: "amount", path: JSONPath("a.b"), currency: .field(JSONPath("c"))),
          MeasureDefinition(
            name: "refund", path: JSONPath("r"), currency: .fixed("EUR"), scale: 2, negative: true),
          MeasureDefinition(
            name: "fee", path: JSONPath("f"), currency: .fixed("EUR"),
            scale: .minorUnits(except: [:])),
          MeasureDefinition(
            name: "tax", path: JSONPath("t"), currency: .fixed("EUR"),
            scale: .minorUnits(except: ["ISK": 2, "MGA": 0])),
        ],
      ]),
      timeZone: generator.pick(["UTC", "Asia/Kolkata", "America/New_York"]),
      step: generator.pick([.minutes(30), .hours(6), .days(1), .weeks(2), .months(1)]),
      tags: generator.pick([[], ["finance", "eu"]]),
      rejectLimit: generator.pick([0, 1, 0.05, 0.000_01, 1.0 / 3]),
      retry: generator.pick([
        .standard, RetryRule(attempts: 3, base: 1_000_000), RetryRule(attempts: 100, base: 500),
      ]),
      settings: settings(using: &generator))
  }

  private func time(_ path: String, using generator: inout Seeded) -> TimeField {
    let format = generator.pick(TimeField.Format.allCases)
    let zone = format == .local ? generator.pick(["UTC", "Europe/Berlin"]) : "UTC"
    return TimeField(path: JSONPath(path), format: format, zone: zone)
  }

  private func settings(using generator: inout Seeded) -> JSONValue {
    generator.pick([
      [:],
      [
        "path": "x/*.csv", "name": "é\"\\\n", "n": 1,
        "deep": ["a": [1, nil, true, .number("1.10")]],
      ],
    ])
  }
}
