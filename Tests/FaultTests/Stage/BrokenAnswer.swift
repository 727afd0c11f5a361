import HTTP
import Processes

/// An answer that a source should never give, and what becomes of the partition that gets it.
enum BrokenAnswer: String, CaseIterable {
  case notJSON, cutOff, wrongLength, repeatedCursor, endless, gzipBomb, otherHost, linkToOtherHost
  case unauthorized, notFound, broken, hanging

  /// The kind of failure with which the partition ends.
  var kind: String {
    switch self {
    case .notJSON, .cutOff, .gzipBomb, .linkToOtherHost: "invalid_page"
    case .repeatedCursor, .endless: "endless"
    case .wrongLength: "network"
    case .otherHost, .notFound: "refused"
    case .unauthorized: "unauthorized"
    case .broken: "unavailable"
    case .hanging: "timeout"
    }
  }

  /// Words that tell a person what happened.
  var words: String {
    switch self {
    case .notJSON, .cutOff: "cannot be read as a page"
    case .wrongLength: "bytes remaining"
    case .repeatedCursor: "the same page again"
    case .endless: "never ended"
    case .gzipBomb: "bytes"
    case .otherHost: "may not go"
    case .linkToOtherHost: "another host"
    case .unauthorized: "refuses the credentials (401)"
    case .notFound: "(404)"
    case .broken: "cannot serve now (500)"
    case .hanging: "did not begin to answer"
    }
  }

  /// The answer; nil for the page itself.
  ///
  /// `whole` is that page, `first` the first one of the day, `address` that of the source.
  func response(
    to asked: FakeSource.Asked, whole: String, first: String, address: String, bomb: [UInt8]
  ) async -> Response? {
    let elsewhere = "\(address.replacing("127.0.0.1", with: "localhost"))/elsewhere"
    let records = first.dropFirst(#"{"data":"#.utf8.count).prefix { $0 != "]" } + "]"
    // A source that takes no notice of the cursor.
    func page(next: String) -> Response {
      .json(200, Array(#"{"data":\#(records),"next":"\#(next)"}"#.utf8))
    }
    switch self {
    case .notJSON: return .text(200, "<html>Please sign in</html>", type: "text/html")
    case .cutOff: return .json(200, Array(whole.utf8.dropLast(20)))
    case .wrongLength:
      let bytes = Array(whole.utf8)
      return Response(
        200, headers: ["Content-Type": "application/json"],
        body: .stream(length: bytes.count + 100) { try await $0.write(bytes) })
    case .repeatedCursor: return page(next: "1")
    case .endless: return page(next: String(asked.page + 1))
    case .gzipBomb:
      return Response(
        200, headers: ["Content-Type": "application/json", "Content-Encoding": "gzip"],
        body: .bytes(bomb))
    case .otherHost: return Response(302, headers: ["Location": elsewhere])
    case .linkToOtherHost: return page(next: elsewhere)
    case .unauthorized: return .text(401, "Who are you?")
    case .notFound: return .text(404, "There is no such day.")
    case .broken: return .text(500, "Something went wrong.")
    case .hanging:
      await pause(.seconds(3))
      return nil
    }
  }

  /// Eight megabytes of blanks, packed.
  static func bomb() async throws -> [UInt8] {
    var command = Command("gzip", ["-9c"])
    command.input = .bytes([UInt8](repeating: 0x20, count: 8 << 20))
    var packed: [UInt8] = []
    try await command.withProcess(output: .streamed) { process in
      for try await chunk in process.output { packed += chunk }
    }
    return packed
  }
}
