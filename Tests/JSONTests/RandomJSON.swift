@testable import JSON

/// Writes random JSON text, with odd spacing and escapes that need not be.
struct RandomJSON {
  private(set) var generator: SeededGenerator
  private(set) var text = ""

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
  }

  /// The keys that objects draw from; few, so that wanted paths are often hit.
  static let keys = [
    "id", "created", "amount", "customer", "data", "a key of more than 8 bytes", "é", "",
  ]

  /// A text made of one random value.
  static func text(seed: UInt64) -> String {
    var random = RandomJSON(seed: seed)
    random.writeValue(depth: 0)
    return random.text
  }

  /// A text made of one random object.
  static func object(seed: UInt64) -> String {
    var random = RandomJSON(seed: seed)
    random.writeObject(depth: 0)
    return random.text
  }

  mutating func number(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }

  private mutating func writeValue(depth: Int) {
    switch number(below: depth < 4 ? 9 : 6) {
    case 0: text += "null"
    case 1: text += "true"
    case 2: text += "false"
    case 3: writeNumber()
    case 4, 5: writeString(randomCharacters())
    case 6: writeArray(depth: depth)
    default: writeObject(depth: depth)
    }
  }

  private mutating func writeNumber() {
    if number(below: 3) == 0 { text += "-" }
    text += String(number(below: 10_000))
    if number(below: 2) == 0 { text += ".\(number(below: 10_000))" }
    if number(below: 4) == 0 {
      text += ["e", "E", "e+", "E-"][number(below: 4)] + "\(number(below: 30))"
    }
  }

  private mutating func writeArray(depth: Int) {
    text += "["
    writeSpace()
    for place in 0..<number(below: 5) {
      if place > 0 { text += "," }
      writeSpace()
      writeValue(depth: depth + 1)
      writeSpace()
    }
    text += "]"
  }

  private mutating func writeObject(depth: Int) {
    let keys = Self.keys.shuffled(using: &generator).prefix(number(below: Self.keys.count + 1))
    text += "{"
    writeSpace()
    for (place, key) in keys.enumerated() {
      if place > 0 { text += "," }
      writeSpace()
      writeString(key)
      writeSpace()
      text += ":"
      writeSpace()
      writeValue(depth: depth + 1)
      writeSpace()
    }
    text += "}"
  }

  private mutating func writeString(_ content: String) {
    text += "\""
    for scalar in content.unicodeScalars { write(scalar) }
    text += "\""
  }

  /// Writes a character as itself where that is allowed, or by an escape.
  private mutating func write(_ scalar: Unicode.Scalar) {
    let mustEscape = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
    guard mustEscape || number(below: 12) == 0 else { return text.unicodeScalars.append(scalar) }
    for unit in String(scalar).utf16 {
      let digits = String(unit, radix: 16, uppercase: number(below: 2) == 0)
      text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }

  private mutating func randomCharacters() -> String {
    let alphabet: [Unicode.Scalar] = [
      "a", "b", "z", " ", "0", "\"", "\\", "/", "\n", "\u{1}", "\u{7f}", "é", "ß", "€", "\u{d7ff}",
      "\u{e000}", "\u{ffff}", "😀", "\u{10ffff}",
    ]
    var content = String.UnicodeScalarView()
    for _ in 0..<number(below: 24) { content.append(alphabet[number(below: alphabet.count)]) }
    return String(content)
  }

  private mutating func writeSpace() {
    guard number(below: 5) == 0 else { return }
    text += [" ", "\t", "  ", "\r"][number(below: 4)]
  }
}
