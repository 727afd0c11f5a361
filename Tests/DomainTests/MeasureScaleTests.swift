import JSON
import Testing

@testable import Domain

struct MeasureScaleTests {
  /// The sums, by currency, of records that hold an amount and a currency.
  private func sums(_ scale: MeasureScale, _ records: String) throws -> [String: String] {
    let stream = StreamDefinition(
      name: "shop.orders", key: try KeyTemplate("o:{id}"),
      eventTime: TimeField(path: JSONPath("at"), format: .epochSeconds),
      measures: [
        MeasureDefinition(
          name: "amount", path: JSONPath("amount"), currency: .field(JSONPath("currency")),
          scale: scale)
      ])
    var evaluator = try RecordEvaluator(
      stream: stream, policy: .keepFirst,
      window: Window(from: Instant(microseconds: 0), to: Instant(microseconds: 10_000_000)))
    var sums = MeasureSums()
    let bytes = Array(records.utf8)
    try bytes.withUnsafeBytes { bytes in
      let scan = try RecordScanner(
        records: JSONPath(""), envelope: [], fields: evaluator.fields
      ).scanDocument(bytes)
      var keys: [UInt8] = []
      var texts: [UInt8] = []
      for record in scan.records.indices {
        _ = evaluator.evaluate(
          record, of: scan, in: bytes, key: &keys, measures: &texts, sums: &sums)
      }
    }
    return Dictionary(
      uniqueKeysWithValues: sums.sums.map { ($0.currency.description, $0.amount.description) })
  }

  private let records = """
    [{"id":1,"at":1,"amount":500,"currency":"jpy"},{"id":2,"at":1,"amount":1999,"currency":"usd"},
     {"id":3,"at":1,"amount":-500,"currency":"usd"},{"id":4,"at":1,"amount":12345,"currency":"kwd"},
     {"id":5,"at":1,"amount":700,"currency":"isk"}]
    """

  @Test("the smallest units of each currency have places of their own, and a sign")
  func currencies() throws {
    #expect(
      try sums(.minorUnits(except: [:]), records)
        == ["JPY": "500", "USD": "14.99", "KWD": "12.345", "ISK": "700"])
  }

  @Test("a source may differ in some currencies")
  func exceptions() throws {
    #expect(try sums(.minorUnits(except: ["ISK": 2]), records)["ISK"] == "7.00")
  }

  @Test("without that, all have the same places")
  func same() throws {
    #expect(try sums(2, records)["JPY"] == "5.00")
  }

  @Test("a scale is read as a number, as currency, or as the currencies that differ")
  func reading() throws {
    for (text, scale) in [
      ("2", MeasureScale.places(2)), ("\"currency\"", .minorUnits(except: [:])),
      ("{\"ISK\":2}", .minorUnits(except: ["ISK": 2])),
    ] {
      let value = try JSONValue.parse("{\"scale\":\(text)}")
      #expect(try ObjectReader.read(value) { MeasureScale.read($0, "scale") } == scale)
      #expect(
        try ObjectReader.read(["scale": scale.json]) { MeasureScale.read($0, "scale") } == scale)
    }
    for text in ["\"cents\"", "{\"isk\":2}", "{\"ISK\":99}", "-1"] {
      let value = try JSONValue.parse("{\"scale\":\(text)}")
      #expect(throws: Faults.self) {
        try ObjectReader.read(value) { MeasureScale.read($0, "scale") }
      }
    }
  }
}
