import Domain
import JSON
import Outbound

/// Reads a partition as the files of an export: begins a job, asks how it stands, reads its files.
///
/// Every question is a page, mostly one without records, so that the job lies in the checkpoint.
struct ExportReader: PartitionReader {
  let query: RestQuery
  let export: ExportRule

  private var source: String { query.source }

  func page(at text: String?) async throws(SourceFailure) -> Page {
    let cursor = try query.cursor(text)
    guard let job = cursor.place.job else { return try await begin(cursor) }
    try await pause()
    let (answer, requests) = try await ask(export.poll, at: cursor)
    let state = answer[export.state]?.plainText ?? ""
    if export.done.contains(state) {
      return try await read(export.files.values(inDocument: answer), cursor, job, after: requests)
    }
    if export.failed.contains(state) {
      throw SourceFailure(
        .endless, "The export of \(source) ended as \(state), without files.", requests: requests)
    }
    if query.now().microseconds(since: job.since) > export.timeout {
      try await cancel(cursor)
      throw SourceFailure(
        .endless, "The export of \(source) was not done in time; a new one will be begun.",
        requests: requests)
    }
    return empty(next: cursor, requests: requests)
  }

  func close() async {}
}

// Steps
extension ExportReader {
  private func begin(_ cursor: PageCursor) async throws(SourceFailure) -> Page {
    let (answer, requests) = try await ask(export.create, at: cursor)
    guard let id = answer[export.job]?.plainText, !id.isEmpty else {
      throw SourceFailure(
        .invalidPage, "\(source) gave no job at \(export.job) when an export was begun.",
        requests: requests)
    }
    return empty(next: cursor.at(ExportJob(id: id, since: query.now())), requests: requests)
  }

  private func pause() async throws(SourceFailure) {
    do {
      try await Task.sleep(for: .microseconds(export.interval))
    } catch {
      throw SourceFailure(.network, "The wait for the export of \(source) was given up.")
    }
  }

  private func cancel(_ cursor: PageCursor) async throws(SourceFailure) {
    if let cancel = export.cancel { _ = try await ask(cancel, at: cursor) }
  }

  private func empty(next: PageCursor?, requests: Int) -> Page {
    let nothing = ScannedPage(
      records: [], fields: [], fieldCount: query.fields.count, envelope: [])
    return Page(bytes: [], scan: nothing, next: next?.text, requests: requests)
  }

  /// The file that comes next; after the last there is no next page.
  private func read(
    _ files: [JSONValue], _ cursor: PageCursor, _ job: ExportJob, after requests: Int
  ) async throws(SourceFailure) -> Page {
    let addresses = files.compactMap(\.string).filter { !$0.isEmpty }
    guard job.files < addresses.count else { return empty(next: nil, requests: requests) }
    var read = job
    read.files += 1
    let next = read.files < addresses.count ? cursor.at(read) : nil
    let (page, sent) = try await file(at: addresses[job.files], cursor)
    return Page(
      bytes: page.bytes, scan: page.scan, next: next?.text, requests: requests + sent)
  }

  private func file(
    at address: String, _ cursor: PageCursor
  ) async throws(SourceFailure) -> (Page, requests: Int) {
    let base = query.template.manifest.base
    let url: URLReference
    do throws(OutboundError) {
      url = try base.resolving(address)
    } catch {
      throw SourceFailure(.invalidPage, "\(source) names a file by what is no address.")
    }
    guard export.allows(url, base: base) else {
      throw SourceFailure(
        .refused,
        "\(source) keeps its file on \(url.host), which is not trusted; name it in export.hosts.")
    }
    let template = try await shown()
    let reader = PageReader(
      source: source, template: template, window: query.window, cursor: cursor,
      fields: query.fields, witness: query.witness)
    let (response, page) = try await query.send(template.download(url)) {
      (response) throws(SourceFailure) -> Page in try read(response, asFileBy: reader)
    }
    return (page, response.requests)
  }

  private func read(
    _ response: OutboundResponse, asFileBy reader: PageReader
  ) throws(SourceFailure) -> Page {
    switch try query.reading(of: response, by: reader) {
    case .page(let bytes, let scan, _):
      return Page(bytes: bytes, scan: scan, next: nil, requests: response.requests)
    case .judged(.failure(let failure)): throw failure
    case .judged(.empty), .judged(.skip), .judged(.page):
      return empty(next: nil, requests: response.requests)
    case .judged(.shrinkPage), .judged(.refreshAuth):
      throw SourceFailure(
        .refused, "\(source) refuses the file of its export (\(response.status)).")
    }
  }

  /// The template with what shows who asks.
  private func shown() async throws(SourceFailure) -> RequestTemplate {
    var template = query.template
    (template.credentials, _) = try await query.login.credentials(insteadOf: nil)
    return template
  }

  /// The answer to one of the export's own requests.
  private func ask(
    _ step: RestStream, at cursor: PageCursor
  ) async throws(SourceFailure) -> (JSONValue, requests: Int) {
    let template = try await shown().asking(step)
    let request: OutboundRequest
    do throws(OutboundError) {
      request = try template.request(for: query.window, at: cursor)
    } catch {
      throw SourceFailure(error)
    }
    let reader = PageReader(
      source: source, template: template, window: query.window, cursor: cursor, fields: [],
      witness: query.witness)
    do throws(SourceFailure) {
      let (response, answer) = try await query.send(request) {
        (response) throws(SourceFailure) -> JSONValue in try read(response, reader)
      }
      return (answer, response.requests)
    } catch {
      var failure = error
      failure.message = template.credentials.redactor.redacted(error.message)
      throw failure
    }
  }

  private func read(
    _ response: OutboundResponse, _ reader: PageReader
  ) throws(SourceFailure) -> JSONValue {
    let judge = AnswerJudge(source: source, rules: query.template.rules)
    if case .failure(let failure) = reader.judgeWhole(response, judge, now: query.now()) {
      throw failure
    }
    do throws(JSONError) {
      return try JSONValue.parse(response.body)
    } catch {
      throw SourceFailure(
        .invalidPage, "\(source) gave an answer about its export that is no JSON: \(error).")
    }
  }
}
