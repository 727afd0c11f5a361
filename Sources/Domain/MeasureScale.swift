import JSON

/// How many decimal places a written number is shifted right to become units of its currency.
public enum MeasureScale: Hashable, Sendable {
  /// Always so many: 0 where units are written, 2 where cents are.
  case places(Int)
  /// The number counts the smallest units of its currency: none for JPY, a thousandth for KWD.
  ///
  /// Sources differ from ISO 4217 in some currencies, which are then named with their own places.
  case minorUnits(except: [String: Int])

  /// The number of places for a currency.
  public func places(for currency: CurrencyCode) -> Int {
    switch self {
    case .places(let places): places
    case .minorUnits(let except):
      except.isEmpty
        ? Self.minorUnits(of: currency)
        : except[currency.description] ?? Self.minorUnits(of: currency)
    }
  }

  /// How many places the smallest unit of a currency has (ISO 4217); 2 for what it does not list.
  static func minorUnits(of currency: CurrencyCode) -> Int {
    exceptions[currency] ?? 2
  }

  private static let exceptions: [CurrencyCode: Int] = {
    let names: [(Int, [String])] = [
      (
        0,
        [
          "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
          "VUV", "XAF", "XOF", "XPF",
        ]
      ),
      (3, ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]),
      (4, ["CLF", "UYW"]),
    ]
    var exceptions: [CurrencyCode: Int] = [:]
    for (places, codes) in names {
      for code in codes.compactMap({ CurrencyCode($0) }) { exceptions[code] = places }
    }
    return exceptions
  }()
}

extension MeasureScale: ExpressibleByIntegerLiteral {
  /// Always so many places.
  public init(integerLiteral places: Int) { self = .places(places) }
}

// As a definition writes it: `2`, `"currency"`, or the currencies that differ, `{ISK: 2}`.
extension MeasureScale {
  static func read(_ reader: ObjectReader, _ key: String) -> MeasureScale {
    switch reader.optionalValue(key) {
    case nil: return .places(0)
    case .string("currency"): return .minorUnits(except: [:])
    case .object(let object):
      var except: [String: Int] = [:]
      for (code, value) in object.members {
        if let places = value.int, 0...18 ~= places, CurrencyCode(code)?.description == code {
          except[code] = places
        } else {
          reader.fault(
            "\(key).\(code)", "expected a currency in upper case with its places, as {ISK: 2}")
        }
      }
      return .minorUnits(except: except)
    case .string:
      reader.fault(
        key, "expected scale to be a number of places, \"currency\", or currencies as {ISK: 2}")
      return .places(0)
    default: return .places(reader.optionalInt(key, in: 0...18) ?? 0)
    }
  }

  var json: JSONValue {
    switch self {
    case .places(let places): return JSONValue(places)
    case .minorUnits(let except) where except.isEmpty: return "currency"
    case .minorUnits(let except):
      var object = JSONObject()
      for (code, places) in except.sorted(by: { $0.key < $1.key }) {
        object[code] = JSONValue(places)
      }
      return .object(object)
    }
  }
}
