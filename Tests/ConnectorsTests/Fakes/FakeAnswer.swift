import HTTP
import JSON

extension Response {
  /// An answer with this JSON.
  static func answer(_ status: Int, _ json: JSONValue, headers: Headers = Headers()) -> Response {
    var all = headers
    all["Content-Type"] = "application/json"
    return Response(status, headers: all, body: .bytes(Array(json.encoded().utf8)))
  }
}

/// Something that goes wrong with a request, by its number among all that were asked.
struct Trouble: Sendable {
  /// Nothing ever does.
  static let none = Trouble { _ in nil }
  /// The answer instead of the right one; nil where nothing goes wrong.
  let answer: @Sendable (Int) -> Response?

  init(_ answer: @escaping @Sendable (Int) -> Response?) { self.answer = answer }

  /// Every so-manieth request is answered so.
  static func every(_ count: Int, _ response: Response) -> Trouble {
    Trouble { $0 % count == count - 1 ? response : nil }
  }
}
