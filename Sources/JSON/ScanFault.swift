/// Where the grammar broke, as small as can be, so that throwing costs the way without fault nothing.
struct ScanFault: Error {
  /// What should have stood there.
  enum Expected: UInt8 {
    case value, key, colon, commaOrBrace, commaOrBracket, quote, digit, escape, hexDigit
    case noControl, end, records, fewerRecords, uniqueKey, validUTF8
  }

  // The address as a number, because an error must be Sendable, which a pointer is not.
  private let address: UInt
  let expected: Expected

  @inline(__always)
  init(position: UnsafePointer<UInt8>, expected: Expected) {
    address = UInt(bitPattern: position)
    self.expected = expected
  }

  /// How far into these bytes the fault lies.
  func offset(in bytes: UnsafeRawBufferPointer) -> Int {
    Int(bitPattern: address &- UInt(bitPattern: bytes.baseAddress))
  }
}

extension ScanFault.Expected {
  var words: String {
    switch self {
    case .value: "a value"
    case .key: "a key in double quotes"
    case .colon: "\":\" after a key"
    case .commaOrBrace: "\",\" or \"}\" after a member"
    case .commaOrBracket: "\",\" or \"]\" after an element"
    case .quote: "the closing quote of a string"
    case .digit: "a digit"
    case .escape: "one of \"\\/bfnrtu after a backslash"
    case .hexDigit: "four hexadecimal digits after \\u"
    case .noControl: "no raw control character in a string"
    case .end: "nothing after the document"
    case .records: "an array of records"
    case .fewerRecords: "at most \(RecordScanner.mostRecords) records in one page"
    case .uniqueKey: "each key of the page around the records once"
    case .validUTF8: "UTF-8"
    }
  }

  var reason: JSONError.Reason {
    switch self {
    case .records: .noRecords
    case .fewerRecords: .tooLarge
    case .uniqueKey: .duplicateKey
    case .validUTF8: .encoding
    default: .grammar
    }
  }
}

extension JSONError {
  /// The error in words, with what stood in the place of what was expected.
  init(_ fault: ScanFault, in bytes: UnsafeRawBufferPointer, expected: String? = nil) {
    let expected = expected ?? fault.expected.words
    let offset = bytes.isEmpty ? 0 : fault.offset(in: bytes)
    if offset < bytes.count {
      self.init(
        fault.expected.reason, offset: offset,
        message: "expected \(expected), got \(fault.found(bytes[offset]))")
    } else if fault.expected == .records {
      self.init(
        .noRecords, offset: bytes.count, message: "expected \(expected), and found none")
    } else {
      self.init(
        .cutOff, offset: bytes.count,
        message: "expected \(expected), got the end: the document is cut off")
    }
  }
}

extension ScanFault {
  func found(_ byte: UInt8) -> String {
    if expected == .fewerRecords { return "more" }
    guard expected == .records else { return Self.describe(byte) }
    switch byte {
    case UInt8(ascii: "{"): return "an object"
    case UInt8(ascii: "\""): return "a string"
    case UInt8(ascii: "n"): return "null"
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return "true or false"
    default: return "a number"
    }
  }

  /// A byte as a person would name it.
  static func describe(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "\""): "a double quote"
    case 0x21...0x7e: "\"\(Unicode.Scalar(byte))\""
    case 0x20: "a space"
    case 0x0a, 0x0d: "a line break"
    default: "the byte 0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))"
    }
  }
}
