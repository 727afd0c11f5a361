import HTTP

/// Serves the shop's pages, each day in its mood.
struct Shopkeeper: Sendable {
  let shop: Shop
  let log: RequestLog

  func serve(_ request: Request, _ stream: SampleStream) async throws(RequestFault) -> Response {
    await holdBack()
    guard request.headers["Authorization"] == "Bearer \(shop.configuration.token)" else {
      throw RequestFault(401, "The bearer token is missing or wrong.")
    }
    let query = try PageQuery(stream, request.target)
    let page = ShopPage(query, of: shop)
    if let trouble = await trouble(page.days, stream) { return trouble }
    let host = request.headers["Host"] ?? ""
    return .json(
      200, body(page, query, next: page.next.map { "http://\(host)\(query.target(at: $0))" }))
  }

  private func holdBack() async {
    guard shop.configuration.latency > .zero else { return }
    // An asker that hangs up ends the wait early; its answer goes nowhere.
    do { try await Task.sleep(for: shop.configuration.latency) } catch { return }
  }

  /// The answer of the first of some days that misbehaves; nil when all are sound this time.
  private func trouble(_ days: [SampleDay], _ stream: SampleStream) async -> Response? {
    for day in days {
      switch shop.behaviour(day) {
      case nil: continue
      case .rateLimited(let first):
        guard await log.visit(day) <= first else { continue }
        var response = fault(429, "rate_limited", "Too many requests; wait for a second.")
        response.headers["Retry-After"] = "1"
        return response
      case .faltering:
        guard await log.visit(day) % 3 == 1 else { continue }
        return fault(500, "internal_error", "Something went wrong; please try again.")
      case .broken:
        return fault(
          500, "storage_error", "The \(stream.rawValue) of \(day) cannot be read: bad checksum.")
      }
    }
    return nil
  }

  private func fault(_ status: Int, _ code: String, _ message: String) -> Response {
    .json(status, Array(#"{"error":{"code":"\#(code)","message":"\#(message)"}}"#.utf8))
  }

  private func body(_ page: ShopPage, _ query: PageQuery, next: String?) -> [UInt8] {
    var bytes = Array("{\"data\":[".utf8)
    bytes.reserveCapacity(page.places.count * 640 + 256)
    for (number, place) in page.places.enumerated() {
      if number > 0 { bytes.append(UInt8(ascii: ",")) }
      shop.write(shop.record(query.stream, place.day, place.index), of: query.stream, to: &bytes)
    }
    bytes += "],\"has_more\":\(next != nil),\"next\":".utf8
    bytes += (next.map { "\"\($0)\"" } ?? "null").utf8
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }
}
