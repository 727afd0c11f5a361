import Domain
import JSON

extension WindowRule {
  /// How a definition says that the source is asked for a window; nil, with the faults noted, where
  /// it has any.
  static func read(_ reader: ObjectReader) -> WindowRule? {
    let mode = reader.optionalChoice("mode", of: Mode.self) ?? .server
    let order = reader.optionalChoice("order", of: Order.self)
    let horizon = SourceHorizon(
      settleLag: reader.optionalDuration("settle_lag"),
      retention: reader.optionalDuration("retention"), reread: reader.optionalDuration("reread"),
      filtersNothing: mode == .clientFilter)
    let bounds = WireBounds.read(reader, mode)
    if mode == .descendingFeed, let order, order != .descending {
      reader.fault("order", "expected no other order than descending with mode descending_feed")
    }
    return bounds.map { bounds in
      WindowRule(
        mode: mode, bounds: bounds, order: order ?? (mode == .descendingFeed ? .descending : .none),
        horizon: horizon)
    }
  }
}

extension WireBounds {
  fileprivate static func read(_ reader: ObjectReader, _ mode: WindowRule.Mode) -> WireBounds? {
    let from: Lower
    let to: Upper
    switch mode {
    case .server:
      from = reader.choice("from", of: Lower.self)
      to = reader.choice("to", of: Upper.self)
    case .fromOnly:
      from = reader.choice("from", of: Lower.self)
      to = .lt
    case .descendingFeed:
      from = .gte
      to = reader.optionalChoice("to", of: Upper.self) ?? .lt
    case .clientFilter, .oneDate:
      from = .gte
      to = .lt
    }
    let zone = zone(reader)
    guard let format = format(reader, mode) else { return nil }
    let grain = grain(reader, format, needed: from == .gt || to == .lte)
    guard let zone else { return nil }
    return WireBounds(from: from, to: to, grain: grain, format: format, zone: zone)
  }

  private static func grain(
    _ reader: ObjectReader, _ format: Format, needed isNeeded: Bool
  ) -> Grain {
    let finest = format.finestGrain
    let named = reader.optionalChoice("grain", of: Grain.self)
    if named == nil, isNeeded, finest != .day {
      reader.fault(
        "grain",
        "expected grain to be given with gt and lte, got nothing: it is the finest step "
          + "in which the source's filter tells times apart")
    }
    let grain = named ?? finest
    if grain.microseconds < finest.microseconds || (grain == .day) != (finest == .day) {
      reader.fault("grain", "expected a grain that \(format) can express, got \(grain)")
    }
    return grain
  }

  private static func format(_ reader: ObjectReader, _ mode: WindowRule.Mode) -> Format? {
    switch mode {
    case .oneDate: format(reader, else: .date)
    case .clientFilter, .descendingFeed: format(reader, else: .rfc3339)
    case .server, .fromOnly: format(reader, else: nil)
    }
  }

  /// How a definition says that times are written; nil, with the fault noted, where it has any.
  static func format(_ reader: ObjectReader, else usual: Format?) -> Format? {
    let text = reader.optionalValue("format")?.string
    if text == nil, let usual { return usual }
    guard let text, text.contains("%") else {
      return .named(reader.choice("format", of: Format.Name.self))
    }
    do throws(TimePattern.Fault) {
      return .pattern(try TimePattern(text))
    } catch {
      let known = TimePattern.Field.allCases.map { "%\($0.rawValue)" }.joined(separator: ", ")
      reader.fault("format", "%\(error.letter) is no part of a time; there are \(known) and %%")
      return nil
    }
  }

  /// The zone that a definition names; nil, with the fault noted, where there is none of this name.
  static func zone(_ reader: ObjectReader) -> Zone? {
    guard let name = reader.optionalString("zone") else { return .utc }
    do throws(InputFault) {
      return try Zone(name)
    } catch {
      reader.fault("zone", "\(error)")
      return nil
    }
  }
}

extension WireBounds.Format: CustomStringConvertible {
  /// The name, or what a pattern is called in sentences.
  var description: String {
    switch self {
    case .named(let name): name.rawValue
    case .pattern: "the pattern"
    }
  }
}
