/// Paths prepared for matching: a tree of keys, flat, so that a scan follows it without allocation.
struct PathTable: Sendable {
  /// One key of one or more paths.
  struct Entry: Sendable {
    /// The first eight bytes of the key, the rest zero: with the length nearly always enough.
    var word: UInt64 = 0
    var count: Int32 = 0
    /// Where the whole key lies in `text`.
    var offset: Int32 = 0
    var firstChild = PathTable.none
    var nextSibling = PathTable.none
    /// Which field ends here, if one does.
    var slot = PathTable.none
  }

  static let none: Int32 = -1
  /// The entry of a record itself.
  static let recordRoot: Int32 = 0
  /// The entry of the document around the records.
  static let documentRoot: Int32 = 1

  private(set) var entries = [Entry(), Entry()]
  /// The keys of all entries, one after the other; never empty, so that it always has an address.
  private(set) var text: [UInt8] = [0]

  /// A new entry from which paths may go on, of nothing that is there.
  mutating func addRoot() -> Int32 {
    entries.append(Entry())
    return Int32(entries.count - 1)
  }

  /// The entry at the end of a path, made where it is missing.
  mutating func entry(for path: JSONPath, below root: Int32) -> Int32 {
    path.keys.reduce(root) { child(of: $0, key: Array($1.utf8)) }
  }

  /// Gives the entry a field, unless it has one already; answers with the field it has then.
  mutating func assign(_ slot: Int32, to entry: Int32) -> Int32 {
    if entries[Int(entry)].slot == Self.none { entries[Int(entry)].slot = slot }
    return entries[Int(entry)].slot
  }

  private mutating func child(of parent: Int32, key: [UInt8]) -> Int32 {
    var next = entries[Int(parent)].firstChild
    while next != Self.none {
      let entry = entries[Int(next)]
      let known = text[Int(entry.offset)..<Int(entry.offset + entry.count)]
      if known.elementsEqual(key) { return next }
      next = entry.nextSibling
    }
    return add(key, to: parent)
  }

  private mutating func add(_ key: [UInt8], to parent: Int32) -> Int32 {
    var entry = Entry()
    entry.count = Int32(key.count)
    entry.offset = Int32(text.count)
    for (place, byte) in key.prefix(8).enumerated() { entry.word |= UInt64(byte) << (8 * place) }
    entry.nextSibling = entries[Int(parent)].firstChild
    text += key
    entries.append(entry)
    entries[Int(parent)].firstChild = Int32(entries.count - 1)
    return Int32(entries.count - 1)
  }
}

extension PathTable {
  /// The table as addresses, for as long as a scan runs.
  struct Matcher {
    fileprivate let entries: UnsafePointer<Entry>
    fileprivate let text: UnsafePointer<UInt8>
    let entryCount: Int

    /// The entry of a key below another entry; `none` where no path goes on with it.
    @inline(__always)
    func entry(of key: ScannedKey, below parent: Int32) -> Int32 {
      guard parent >= 0 else { return PathTable.none }
      var next = entries[Int(parent)].firstChild
      while next >= 0 {
        let entry = entries + Int(next)
        if key.equals(
          word: entry.pointee.word, count: Int(entry.pointee.count),
          text: text + Int(entry.pointee.offset))
        {
          return next
        }
        next = entry.pointee.nextSibling
      }
      return PathTable.none
    }

    /// The field that ends at an entry.
    @inline(__always)
    func slot(of entry: Int32) -> Int32 { entry < 0 ? PathTable.none : entries[Int(entry)].slot }

    /// Whether any path goes on below an entry.
    @inline(__always)
    func hasChildren(_ entry: Int32) -> Bool { entry >= 0 && entries[Int(entry)].firstChild >= 0 }
  }

  func withMatcher<Result, Failure: Error>(
    _ body: (Matcher) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try entries.withUnsafeBufferPointer { (entries) throws(Failure) in
      try text.withUnsafeBufferPointer { (text) throws(Failure) in
        guard let first = entries.baseAddress, let letters = text.baseAddress else {
          preconditionFailure("a path table has its two roots and one byte of text")
        }
        return try body(Matcher(entries: first, text: letters, entryCount: entries.count))
      }
    }
  }
}
