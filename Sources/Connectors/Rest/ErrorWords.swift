import JSON

/// Finds the sentence for people in an error's body, where APIs usually put it.
enum ErrorWords {
  private static let paths = [
    "error.message", "errors.message", "message", "error_description", "error.detail", "detail",
    "error.error_msg", "error_message", "title", "error", "errors",
  ].map { JSONPath($0) }

  /// The sentence, without its stop; nil where the body has none.
  static func find(in body: String) -> String? {
    guard let json = json(body) else { return nil }
    let documents = [json, json.array?.first, json["errors"]?.array?.first].compactMap(\.self)
    for document in documents.reversed() {
      for path in paths {
        guard let text = document[path]?.string, text.contains(where: \.isLetter) else { continue }
        return text.hasSuffix(".") ? String(text.dropLast()) : text
      }
    }
    return nil
  }

  private static func json(_ body: String) -> JSONValue? {
    do throws(JSONError) {
      return try JSONValue.parse(body)
    } catch {
      // Most errors of proxies are pages of HTML: shown as they begin.
      return nil
    }
  }
}
