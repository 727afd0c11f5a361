extension JSONSlice {
  /// The bytes as they stand in the page: of a string its content as written, without the quotes.
  @inlinable
  public func bytes(in page: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: page[Int(start)..<Int(end)])
  }

  /// The text of a string, unescaped; nil for another kind, and where no text can hold it.
  public func string(in page: UnsafeRawBufferPointer) -> String? {
    switch kind {
    case .string:
      return String(validating: bytes(in: page), as: UTF8.self)
    case .escapedString:
      var text: [UInt8] = []
      guard appendText(in: page, to: &text) else { return nil }
      return String(validating: text, as: UTF8.self)
    case .missing, .null, .false, .true, .number, .array, .object:
      return nil
    }
  }

  /// The text of a string, unescaped, or of a number as written; nil for another kind.
  public func text(in page: UnsafeRawBufferPointer) -> String? {
    kind == .number ? String(decoding: bytes(in: page), as: UTF8.self) : string(in: page)
  }

  /// Appends the unescaped bytes of a string, or a number as written; false, and nothing appended,
  /// for another kind and for a lone surrogate, which no sound record has.
  @discardableResult
  public func appendText(in page: UnsafeRawBufferPointer, to text: inout [UInt8]) -> Bool {
    switch kind {
    case .string, .number:
      text.append(contentsOf: bytes(in: page))
      return true
    case .escapedString:
      let before = text.count
      guard JSONEscapes.unescape(bytes(in: page), { text.append($0) }) else {
        text.removeSubrange(before...)
        return false
      }
      return true
    case .missing, .null, .false, .true, .array, .object:
      return false
    }
  }
}
