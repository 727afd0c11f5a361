import JSON

/// Writes idempotency keys: the template with the fields of a record put in.
///
/// Different fields never give the same key: where a template has several, the first byte of the
/// text that follows a field, and `%`, are written as `%XX` inside of that field.
struct KeyWriter: Sendable {
  /// The longest key, in bytes; an index entry of PostgreSQL must stay below 2,704.
  static let maximumLength = 1_024

  /// Why a record has no key.
  enum Fault: Sendable {
    /// A field is missing, null or empty.
    case missing
    /// A field is neither text nor a number.
    case wrongKind
    /// The key is longer than `maximumLength`.
    case tooLong
  }

  private let texts: [[UInt8]]
  private let fields: [Int]

  init(template: KeyTemplate, fields: [Int]) {
    texts = template.texts.map { Array($0.utf8) }
    self.fields = fields
  }

  /// Appends the key of a record, whose fields begin at `base`, to `keys`; on a fault, nothing.
  func write(
    _ slices: [JSONSlice], base: Int, in page: UnsafeRawBufferPointer, to keys: inout [UInt8]
  ) -> Fault? {
    let start = keys.count
    keys.append(contentsOf: texts[0])
    for index in fields.indices {
      let slice = slices[base + fields[index]]
      guard slice.end > slice.start else { return undo(&keys, to: start, .missing) }
      switch slice.kind {
      case .missing, .null: return undo(&keys, to: start, .missing)
      case .true, .false, .array, .object: return undo(&keys, to: start, .wrongKind)
      case .number, .string, .escapedString: break
      }
      let valueStart = keys.count
      guard slice.appendText(in: page, to: &keys) else { return undo(&keys, to: start, .wrongKind) }
      if fields.count > 1 { escape(&keys, from: valueStart, separator: texts[index + 1].first) }
      keys.append(contentsOf: texts[index + 1])
    }
    return keys.count - start > Self.maximumLength ? undo(&keys, to: start, .tooLong) : nil
  }

  private func escape(_ keys: inout [UInt8], from start: Int, separator: UInt8?) {
    let percent = UInt8(ascii: "%")
    guard keys[start...].contains(where: { $0 == percent || $0 == separator }) else { return }
    let value = Array(keys[start...])
    keys.removeSubrange(start...)
    let digits = Array("0123456789ABCDEF".utf8)
    for byte in value {
      if byte == percent || byte == separator {
        keys.append(contentsOf: [percent, digits[Int(byte >> 4)], digits[Int(byte & 15)]])
      } else {
        keys.append(byte)
      }
    }
  }

  private func undo(_ keys: inout [UInt8], to start: Int, _ fault: Fault) -> Fault {
    keys.removeSubrange(start...)
    return fault
  }
}
