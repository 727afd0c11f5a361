import Outbound

/// Takes secrets out of texts that people will read, by value and in the forms in which a source
/// may repeat them.
struct Redactor: Sendable {
  private let needles: [String]

  /// A redactor of these secrets; of each also as URLs and JSON write it.
  init(_ secrets: [String]) {
    let forms = secrets.flatMap {
      [$0, percentEncoded($0), Self.escaped($0, "\"\\"), Self.escaped($0, "\"\\/")]
    }
    // The longest first: a secret inside another must not leave the rest of it standing.
    needles = Set(forms).filter { !$0.isEmpty }.sorted { $0.utf8.count > $1.utf8.count }
  }

  /// The text with every secret in it replaced.
  func redacted(_ text: String) -> String {
    var clean = text
    for needle in needles { clean = Self.replacing(needle, in: clean) }
    return clean
  }

  /// Whether a secret stands in the text, be it written as URLs or JSON write it in whatever way.
  func holdsSecret(_ text: String) -> Bool {
    let url = String(decoding: PlainText.ofURL(text), as: UTF8.self)
    return [text, url, PlainText.ofJSON(text), PlainText.ofJSON(url)].contains {
      redacted($0) != $0
    }
  }

  /// The beginning of a body as one line that people can read, without secrets.
  ///
  /// Secrets are taken out before it is cut, and of a long body so much is left out at the end that
  /// no half of one can stand there. Where one stands in it in unusual writing, nothing is shown. Of
  /// a body of JSON that tells what went wrong in words, only the words are shown.
  func excerpt(of body: [UInt8], length: Int = 200) -> String {
    let longest = needles.first?.utf8.count ?? 0
    let whole = body.count <= 4_096 + longest
    let clean = redacted(String(decoding: body.prefix(4_096 + longest), as: UTF8.self))
    guard !holdsSecret(clean) else { return "" }
    let told = whole ? ErrorWords.find(in: clean) : nil
    guard !holdsSecret(told ?? "") else { return "" }
    let text = told.map { $0[...] } ?? (whole ? clean[...] : clean.dropLast(longest))
    let words = text.split { $0.isWhitespace }
    let line = words.joined(separator: " ").filter {
      $0.unicodeScalars.allSatisfy(Self.isPrintable)
    }
    return line.count > length ? line.prefix(length) + "…" : line
  }

  private static func escaped(_ secret: String, _ special: String) -> String {
    secret.reduce(into: "") { text, character in
      if special.contains(character) { text.append("\\") }
      text.append(character)
    }
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned: false
    default: true
    }
  }

  private static func replacing(_ needle: String, in text: String) -> String {
    let bytes = Array(text.utf8), sought = Array(needle.utf8)
    guard bytes.count >= sought.count else { return text }
    var clean: [UInt8] = []
    var at = 0
    while at < bytes.count {
      if bytes[at...].starts(with: sought) {
        clean += Array("[secret]".utf8)
        at += sought.count
      } else {
        clean.append(bytes[at])
        at += 1
      }
    }
    return String(decoding: clean, as: UTF8.self)
  }
}
