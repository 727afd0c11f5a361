import Domain
import JSON
import Outbound

/// Asks an API for its totals and lists it again, page by page, with bounds and paging of its own.
struct RestVerifier: SourceVerifier {
  /// The source's name, as messages say it.
  let source: String
  /// How the API is asked.
  let manifest: RestManifest
  /// What answers mean.
  let rules: [ErrorRule]
  /// What is asked to verify.
  let definition: VerifyDefinition
  /// What must not be kept of a link; what shows who asks is got anew for each request.
  let hiding: Credentials
  /// How the source is shown who asks.
  let login: Login
  /// Sends the requests, as often as the source allows.
  let client: PermittedClient
  /// The time, for dates in `Retry-After`.
  let now: @Sendable () -> Instant

  func totals(of window: Window) async throws(SourceFailure) -> TotalsAnswer {
    var totals = SourceTotals(records: nil)
    var requests = 0
    var counted: [UInt8]?
    if let count = definition.count {
      guard let bounds = count.ask.bounds?.exactly(window) else {
        return TotalsAnswer(totals: nil, requests: 0)
      }
      let answer = try await send(count.ask, bounds, position: nil, extra: [])
      requests += answer.requests
      counted = answer.body
      let number = try number(at: count.value, in: answer.body)
      if let cap = count.cap, number.units >= Int128(cap) {
        return TotalsAnswer(totals: nil, requests: requests)
      }
      guard let records = Int64(exactly: number.units), number.scale == 0 else {
        throw invalid("a count that is no whole number")
      }
      totals.records = records
    }
    for sum in definition.sums {
      var body = counted ?? []
      if let ask = sum.ask {
        guard let bounds = ask.bounds?.exactly(window) else {
          return TotalsAnswer(totals: nil, requests: requests)
        }
        let answer = try await send(ask, bounds, position: nil, extra: [])
        requests += answer.requests
        body = answer.body
      }
      guard let amount = try number(at: sum.value, in: body).shifted(by: sum.scale) else {
        throw invalid("a sum with too many digits")
      }
      totals.sums.append(
        SourceTotals.Sum(measure: sum.measure, currency: sum.currency, amount: amount))
    }
    let isTold = totals.records != nil || !totals.sums.isEmpty
    return TotalsAnswer(totals: isTold ? totals : nil, requests: requests)
  }

  func list(
    _ request: PageRequest, _ take: @escaping @Sendable (Page) async -> Bool
  ) async throws(SourceFailure) {
    guard let list = definition.list,
      let bounds = list.ask.bounds?.around(request.window, margin: list.margin)
    else {
      throw SourceFailure(
        .misconfigured,
        "\(source) is read in a way that cannot be made otherwise; say in verify.list how to list it."
      )
    }
    var walk = ListWalk(list: list, origin: manifest.base.origin, credentials: hiding)
    try walk.goOn(from: request.cursor)
    while true {
      let answer = try await send(
        list.ask, bounds, position: walk.position, extra: walk.items,
        instead: list.paging.replacesRequest ? walk.position : nil)
      let page = try page(of: answer, list, fields: request.fields)
      let next = try walk.next(after: page.records, in: answer, source: source)
      let isWanted = await take(
        Page(bytes: answer.body, scan: page.scan, next: next, requests: answer.requests))
      guard isWanted, next != nil else { return }
    }
  }
}

// Asking
extension RestVerifier {
  private func send(
    _ ask: VerifyDefinition.Ask, _ bounds: (from: String, to: String), position: String?,
    extra: [(name: String, value: String)], instead link: String? = nil
  ) async throws(SourceFailure) -> OutboundResponse {
    var token: Int?
    var isRenewed = false
    while true {
      let credentials: Credentials
      (credentials, token) = try await login.credentials(insteadOf: isRenewed ? token : nil)
      let (response, judgement) = try await answer(credentials) { () throws(OutboundError) in
        try request(ask, bounds, position, extra, link, credentials)
      }
      switch judgement {
      case .page: return response
      case .empty, .skip:
        var nothing = response
        nothing.body = []
        return nothing
      case .failure(let failure): throw failure
      case .refreshAuth where login.canRenew && !isRenewed: isRenewed = true
      case .refreshAuth, .shrinkPage:
        throw SourceFailure(
          .refused, "\(source) refuses what was asked to verify (\(response.status)).")
      }
    }
  }

  private func answer(
    _ credentials: Credentials, to make: () throws(OutboundError) -> OutboundRequest
  ) async throws(SourceFailure) -> (OutboundResponse, AnswerJudge.Judgement) {
    do throws(SourceFailure) {
      let made: OutboundRequest
      do throws(OutboundError) {
        made = login.signed(try make(), now: now())
      } catch {
        throw SourceFailure(error)
      }
      return try await client.send(made) { (response) throws(SourceFailure) in
        let judgement = judgement(of: response, credentials)
        if case .failure(let failure) = judgement { throw failure }
        return judgement
      }
    } catch {
      var failure = error
      failure.message = credentials.redactor.redacted(error.message)
      throw failure
    }
  }

  private func judgement(
    of response: OutboundResponse, _ credentials: Credentials
  ) -> AnswerJudge.Judgement {
    var document: JSONValue?
    let facts = AnswerFacts(
      status: response.status, headers: response.headers,
      text: { String(decoding: response.body.prefix(64 << 10), as: UTF8.self) }
    ) { path in
      document = document ?? Self.parsed(response.body)
      return document.map { path.values(inDocument: $0) } ?? []
    }
    return AnswerJudge(source: source, rules: rules, canRenewLogin: login.canRenew)
      .judge(facts, excerpt: credentials.redactor.excerpt(of: response.body), now: now())
  }

  private static func parsed(_ body: [UInt8]) -> JSONValue? {
    do throws(JSONError) { return try JSONValue.parse(body) } catch { return nil }
  }

  private func request(
    _ ask: VerifyDefinition.Ask, _ bounds: (from: String, to: String), _ position: String?,
    _ extra: [(name: String, value: String)], _ link: String?, _ credentials: Credentials
  ) throws(OutboundError) -> OutboundRequest {
    var text = FilledText(values: ["window.from": bounds.from, "window.to": bounds.to])
    text.values["cursor"] = position
    text.values["page_size"] = definition.list?.pageSize.map(String.init)
    var url: URLReference
    if let link {
      url = try URLReference(manifest.base.origin + link)
    } else {
      let path = text.text(ask.path, encoding: percentEncoded) ?? ask.path
      let base = manifest.base.text
      let slash = path.isEmpty || path.hasPrefix("/") ? "" : "/"
      url = try URLReference((base.hasSuffix("/") ? String(base.dropLast()) : base) + slash + path)
      let isAlone = ask.replacesQuery && position != nil
      let items = (isAlone ? [] : ask.query).compactMap { item in
        text.text(item.value).map { (name: item.name, value: $0) }
      }
      url = try url.appendingQuery(items + extra)
    }
    url = try url.appendingQuery(credentials.query.map { [$0] } ?? [])
    var headers = credentials.headers
    for header in manifest.headers { headers[header.name] = header.value }
    for header in ask.headers { headers[header.name] = text.text(header.value) }
    if headers["Accept"] == nil { headers["Accept"] = "application/json" }
    let body = ask.body(text)
    if body != nil, headers["Content-Type"] == nil {
      headers["Content-Type"] =
        ask.isForm ? "application/x-www-form-urlencoded" : "application/json"
    }
    return OutboundRequest(
      ask.isPost ? .post : .get, url, headers: headers, body: ask.isPost ? body : nil,
      limits: manifest.limits.outbound,
      redirects: ask.isPost ? .returned : .followedOnSameHost)
  }
}

// Reading
extension RestVerifier {
  /// The records of an answer, which two ways of cutting it apart must agree on.
  private func page(
    of answer: OutboundResponse, _ list: VerifyDefinition.List, fields: [JSONPath]
  ) throws(SourceFailure) -> (scan: ScannedPage, records: [Range<Int>]) {
    if answer.body.isEmpty {
      return (
        ScannedPage(records: [], fields: [], fieldCount: fields.count, envelope: []), []
      )
    }
    let scanner = RecordScanner(records: list.records, envelope: [], fields: fields)
    let scan: ScannedPage
    do throws(JSONError) {
      scan = try answer.body.withUnsafeBufferPointer { (bytes) throws(JSONError) in
        try scanner.scanDocument(UnsafeRawBufferPointer(bytes))
      }
    } catch {
      throw invalid("an answer that cannot be read as a page: \(error)")
    }
    let outlined = answer.body.withUnsafeBytes { PageOutline($0).elements(at: list.records) }
    let records = outlined ?? []
    let agrees =
      records.count == scan.records.count
      && zip(records, scan.records).allSatisfy { $0.lowerBound == Int($1.start) }
    guard agrees else {
      throw invalid("a page that two ways of reading cut apart differently")
    }
    return (scan, records)
  }

  private func number(at path: JSONPath, in body: [UInt8]) throws(SourceFailure) -> Amount {
    let text = body.withUnsafeBytes { bytes -> String? in
      guard let place = PageOutline(bytes).value(at: path) else { return nil }
      let written = String(decoding: bytes[place], as: UTF8.self)
      return written.hasPrefix("\"") ? String(written.dropFirst().dropLast()) : written
    }
    guard let text, let amount = Amount(text) else {
      throw invalid("an answer in which \(path) is no number")
    }
    return amount
  }

  private func invalid(_ what: String) -> SourceFailure {
    SourceFailure(.invalidPage, "\(source) gave \(what), when it was asked to verify.")
  }
}

extension VerifyDefinition.Paging {
  /// Whether a position is a link that replaces the whole request.
  var replacesRequest: Bool {
    switch self {
    case .nextURL, .linkHeader: true
    case .none, .cursor, .lastID, .page, .offset: false
    }
  }
}
