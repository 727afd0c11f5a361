/// The keys of the objects that are open at the moment, to see that none occurs twice in one.
///
/// Exact: a filter of 64 bits decides most cases, the bytes decide the others.
struct KeyLedger: ~Copyable {
  /// The keys of one object.
  struct Page {
    fileprivate let first: Int
    fileprivate var filter: UInt64 = 0
  }

  /// Objects with more keys than this get a hash table of their own, seeded against collisions.
  private static let smallObject = 32

  private var keys: UnsafeMutablePointer<ScannedKey>
  private var capacity = 256
  private var count = 0
  private var large: [Int: Set<ScannedKey>] = [:]

  init() {
    keys = .allocate(capacity: capacity)
  }

  deinit {
    keys.deallocate()
  }

  /// Begins an object.
  @inline(__always)
  func open() -> Page { Page(first: count) }

  /// Forgets an object's keys.
  @inline(__always)
  mutating func close(_ page: Page) {
    if count - page.first > Self.smallObject { large[page.first] = nil }
    count = page.first
  }

  /// Forgets all keys.
  mutating func reset() {
    count = 0
    if !large.isEmpty { large = [:] }
  }

  /// Notes a key; false when the object has it already.
  @inline(__always)
  mutating func insert(_ key: ScannedKey, into page: inout Page) -> Bool {
    let bit: UInt64 = 1 &<< (Self.mix(key) &>> 58)
    let isNew = page.filter & bit == 0 || insertSlowly(key, page)
    page.filter |= bit
    if count == capacity { grow() }
    keys[count] = key
    count &+= 1
    return isNew
  }

  @inline(__always)
  private static func mix(_ key: ScannedKey) -> UInt64 {
    // Keys such as customer_id and customer_name share their first eight bytes, so the last two
    // and the length take part.
    var word = key.word
    if key.count > 8 {
      let last = UnsafeRawPointer(key.text + (key.count - 2)).loadUnaligned(as: UInt16.self)
      word ^= UInt64(last) << 17
    }
    return (word &+ UInt64(truncatingIfNeeded: key.count)) &* 0x9e37_79b9_7f4a_7c15
  }

  @inline(never)
  private mutating func insertSlowly(_ key: ScannedKey, _ page: Page) -> Bool {
    guard count - page.first > Self.smallObject else {
      for index in page.first..<count where keys[index] == key { return false }
      return true
    }
    if large[page.first] == nil { large[page.first] = [] }
    return insertIntoTable(key, page)
  }

  /// Brings the table up to the keys noted since it was last asked, then asks it.
  private mutating func insertIntoTable(_ key: ScannedKey, _ page: Page) -> Bool {
    let known = large[page.first, default: []].count
    for index in (page.first + known)..<count { large[page.first, default: []].insert(keys[index]) }
    return !large[page.first, default: []].contains(key)
  }

  private mutating func grow() {
    let wider = UnsafeMutablePointer<ScannedKey>.allocate(capacity: capacity * 2)
    wider.moveInitialize(from: keys, count: count)
    keys.deallocate()
    keys = wider
    capacity *= 2
  }
}
