import JSON

extension MeasureDefinition {
  init(_ reader: ObjectReader, name: String) {
    DefinitionName.check(name, reader: reader)
    self.init(
      name: name, path: reader.fieldPath("field"), currency: Self.currency(reader),
      scale: MeasureScale.read(reader, "scale"),
      negative: reader.optionalBool("negative") ?? false)
  }

  private static func currency(_ reader: ObjectReader) -> Currency {
    switch reader.value("currency") {
    case .string(let code):
      if CurrencyCode(code)?.description != code {
        reader.fault(
          "currency",
          "expected a currency or unit of one to eight letters in upper case, such as EUR")
      }
      return .fixed(code)
    case .object:
      return .field(reader.object("currency").fieldPath("field"))
    case .null:
      return .fixed("")
    default:
      reader.fault("currency", "expected a currency such as \"EUR\", or {field: \"currency\"}")
      return .fixed("")
    }
  }
}
