import JSON

/// Reads the measures of a record, adds them up, and writes them down as they are kept beside the
/// document: `[["amount","2024-03-01","EUR","12.50"],…]`.
struct MeasureReader: Sendable {
  /// Why the measures of a record cannot be read.
  enum Fault: Sendable {
    /// The field is no number, or one of more than 38 digits.
    case amount(measure: String)
    /// The field is no currency.
    case currency(measure: String)
  }

  private struct Measure: Sendable {
    let name: String
    /// `["name","`, ready to be written.
    let opening: [UInt8]
    let amount: Int
    let currency: Int?
    let fixed: CurrencyCode?
    let scale: MeasureScale
    let negative: Bool
  }

  private let measures: [Measure]
  private let zone: Zone
  /// The day of the record before, which most records share.
  private var day: (start: Instant, end: Instant, date: CivilDate, text: [UInt8])

  init(_ definitions: [MeasureDefinition], layout: RecordLayout, zone: Zone) {
    measures = definitions.indices.map { index in
      let definition = definitions[index]
      var fixed: CurrencyCode?
      if case .fixed(let code) = definition.currency { fixed = CurrencyCode(code) }
      let name = JSONValue.string(definition.name).encoded()
      return Measure(
        name: definition.name, opening: Array("[\(name),\"".utf8),
        amount: layout.amounts[index], currency: layout.currencies[index], fixed: fixed,
        scale: definition.scale, negative: definition.negative)
    }
    self.zone = zone
    let never = Instant(microseconds: .min)
    day = (never, never, CivilDate(dayNumber: 0), [])
  }

  /// Whether there is anything to read.
  var isEmpty: Bool { measures.isEmpty }

  /// Appends the measures of a record to `texts` and adds them to `sums`; on a fault, neither.
  mutating func read(
    _ slices: [JSONSlice], base: Int, at event: Instant, in page: UnsafeRawBufferPointer,
    to texts: inout [UInt8], addingTo sums: inout MeasureSums
  ) -> Fault? {
    let start = texts.count
    enterDay(of: event)
    var separator = UInt8(ascii: "[")
    var amounts: [(Int, Amount, CurrencyCode)] = []
    for index in measures.indices {
      switch value(index, slices, base, page) {
      case .failure(let fault):
        texts.removeSubrange(start...)
        return fault
      case .success(nil): continue
      case .success((let amount, let currency)?):
        texts.append(separator)
        separator = UInt8(ascii: ",")
        write(amount, currency, of: measures[index], to: &texts)
        if measures.count == 1 {
          sums.add(amount, measure: index, day: day.date, currency: currency)
        } else {
          amounts.append((index, amount, currency))
        }
      }
    }
    if separator == UInt8(ascii: ",") { texts.append(UInt8(ascii: "]")) }
    for (index, amount, currency) in amounts {
      sums.add(amount, measure: index, day: day.date, currency: currency)
    }
    return nil
  }

  private enum Reading {
    case success((Amount, CurrencyCode)?)
    case failure(Fault)
  }

  /// The signed amount of a measure; nil where the record has none.
  private func value(
    _ index: Int, _ slices: [JSONSlice], _ base: Int, _ page: UnsafeRawBufferPointer
  ) -> Reading {
    let measure = measures[index]
    let slice = slices[base + measure.amount]
    switch slice.kind {
    case .missing, .null: return .success(nil)
    case .number, .string: break
    default: return .failure(.amount(measure: measure.name))
    }
    guard let written = Amount(bytes(slice, page)) else {
      return .failure(.amount(measure: measure.name))
    }
    guard let currency = measure.fixed ?? currency(of: measure, slices, base, page) else {
      return .failure(.currency(measure: measure.name))
    }
    guard let amount = written.shifted(by: measure.scale.places(for: currency)) else {
      return .failure(.amount(measure: measure.name))
    }
    return .success((measure.negative ? amount.negated : amount, currency))
  }

  private func currency(
    of measure: Measure, _ slices: [JSONSlice], _ base: Int, _ page: UnsafeRawBufferPointer
  ) -> CurrencyCode? {
    guard let field = measure.currency, slices[base + field].kind == .string else { return nil }
    return CurrencyCode(bytes(slices[base + field], page))
  }

  private func write(
    _ amount: Amount, _ currency: CurrencyCode, of measure: Measure, to texts: inout [UInt8]
  ) {
    texts.append(contentsOf: measure.opening)
    texts.append(contentsOf: day.text)
    texts.append(contentsOf: "\",\"".utf8)
    currency.append(to: &texts)
    texts.append(contentsOf: "\",\"".utf8)
    texts.append(contentsOf: amount.description.utf8)
    texts.append(contentsOf: "\"]".utf8)
  }

  private mutating func enterDay(of event: Instant) {
    if day.start <= event, event < day.end { return }
    let date = zone.civilDate(of: event)
    day = (
      zone.startOfDay(date), zone.startOfDay(date.adding(days: 1)), date,
      Array(date.description.utf8)
    )
  }

  private func bytes(_ slice: JSONSlice, _ page: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: page[Int(slice.start)..<Int(slice.end)])
  }
}
