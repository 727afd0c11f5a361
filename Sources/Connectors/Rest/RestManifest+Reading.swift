import Domain
import JSON
import Outbound

extension RestManifest {
  /// What a source's definition says of its API; nil, with the faults noted, where it has any.
  static func read(_ reader: ObjectReader) -> RestManifest? {
    let base = reader.address("base_url")
    let authentication = Authentication.read(reader.optionalObject("auth"))
    let headers = headers(reader.optionalObject("headers"), base: base)
    let limits = reader.optionalObject("limits").map(RestLimits.init) ?? RestLimits()
    let errors = ErrorRule.readAll(reader)
    guard let base, let authentication else { return nil }
    return RestManifest(
      base: base, headers: headers, authentication: authentication, limits: limits,
      errors: errors)
  }

  private static func headers(_ reader: ObjectReader?, base: URLReference?) -> [Header] {
    guard let reader else { return [] }
    let headers = reader.keys.map { Header(name: $0, value: reader.string($0)) }
    guard let base else { return headers }
    for header in headers {
      do throws(OutboundError) {
        try OutboundRequest(.get, base, headers: [header.name: header.value]).validate()
      } catch {
        reader.fault(header.name, error.message)
      }
    }
    return headers
  }
}

extension RestLimits {
  /// The bounds that a definition sets; the others keep their defaults.
  init(_ reader: ObjectReader) {
    self.init()
    let seconds = 1...3_600
    connectSeconds = reader.optionalInt("connect_seconds", in: seconds) ?? connectSeconds
    firstByteSeconds = reader.optionalInt("first_byte_seconds", in: seconds) ?? firstByteSeconds
    idleSeconds = reader.optionalInt("idle_seconds", in: seconds) ?? idleSeconds
    wholeSeconds = reader.optionalInt("whole_seconds", in: seconds) ?? wholeSeconds
    pageBytes = reader.optionalInt("page_bytes", in: 1_024...(512 << 20)) ?? pageBytes
    pages = reader.optionalInt("pages_per_partition", in: 1...100_000_000) ?? pages
  }
}
