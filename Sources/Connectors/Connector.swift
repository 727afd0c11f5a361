public import Domain
public import JSON

/// Reads one stream of one source, page by page.
///
/// An instance serves all partitions of one backfill in one process, several at once. Whoever reads
/// more than one page of a window opens a reader for it and closes it in the end, however it ends.
public protocol Connector: Sendable {
  /// Where windows may be cut when they hold more than the source gives of one, and whether the feed
  /// gives the oldest records first.
  var splitRule: SplitRule { get }

  /// Looks, without costing the source anything, whether reading can work at all: whether files are
  /// there and are what they claim. For the moment when a backfill is submitted.
  ///
  /// Throws `SourceFailure`, of kind `misconfigured` where the definition or a file must be mended.
  func check() async throws(SourceFailure)

  /// Asks the source itself whether reading will work, and says what was found, one sentence each.
  ///
  /// Throws `SourceFailure` where it will not.
  func probe() async throws(SourceFailure) -> [String]

  /// The streams that the source says it has; throws `misconfigured` where none can be asked for.
  func discover() async throws(SourceFailure) -> [DiscoveredStream]

  /// The page of raw records at a cursor of a window.
  ///
  /// Throws `SourceFailure`; a page asked for again at the same cursor holds the same records, as
  /// far as the source keeps its word. Where the window holds more than the source gives of one, it
  /// throws one of kind `windowTooLarge`, before the page that would otherwise be the last.
  func page(_ request: PageRequest) async throws(SourceFailure) -> Page

  /// A reader of one partition's window; it costs nothing until its first page is asked for.
  ///
  /// A connector whose pages stand alone need not say how.
  func reader(of window: Window, fields: [JSONPath]) -> any PartitionReader
}

/// Reads the window of one partition, page after page, and may hold something open meanwhile.
///
/// It has one user, who asks for one page at a time.
public protocol PartitionReader: Sendable {
  /// The page at a cursor: nil for the first, then as the page before said.
  ///
  /// Throws `SourceFailure`; after that, nothing more can be asked of it.
  func page(at cursor: String?) async throws(SourceFailure) -> Page

  /// Ends what the reading holds open, a process above all, and returns once it is gone; a second
  /// time it does nothing.
  func close() async
}

extension Connector {
  /// Looks no further than `check`.
  public func probe() async throws(SourceFailure) -> [String] {
    try await check()
    return ["The definition is sound, and its secrets are there; the source was not asked."]
  }

  /// Cannot be asked for.
  public func discover() async throws(SourceFailure) -> [DiscoveredStream] {
    throw SourceFailure(
      .misconfigured, "This kind of source cannot be asked which streams it has.")
  }

  /// A reader that asks for each page by itself and holds nothing open.
  public func reader(of window: Window, fields: [JSONPath]) -> any PartitionReader {
    SeparatePages(connector: self, window: window, fields: fields)
  }
}

/// The pages of a connector whose pages stand alone.
private struct SeparatePages: PartitionReader {
  let connector: any Connector
  let window: Window
  let fields: [JSONPath]

  func page(at cursor: String?) async throws(SourceFailure) -> Page {
    try await connector.page(PageRequest(window: window, cursor: cursor, fields: fields))
  }

  func close() async {}
}

extension Connector {
  /// Whole seconds, in no particular order.
  public var splitRule: SplitRule { SplitRule() }
}

/// A stream that a source says it has.
public struct DiscoveredStream: Hashable, Sendable {
  /// Its name, as a definition names it.
  public var name: String
  /// The fields that identify a record, as dotted paths; empty where the source does not say.
  public var key: [String]
  /// The field that the source goes by when it reads what is new; nil where it does not say.
  public var cursorField: String?
  /// The names of the fields, as far as the source says.
  public var fields: [String]

  /// A stream of a source.
  public init(name: String, key: [String], cursorField: String?, fields: [String]) {
    self.name = name
    self.key = key
    self.cursorField = cursorField
    self.fields = fields
  }
}

/// What is asked of a connector: the page of a window that begins at a cursor.
public struct PageRequest: Sendable {
  /// The partition's window.
  public var window: Window
  /// Where to go on, as the page before said; nil for the first page.
  public var cursor: String?
  /// The fields wanted of each record, in order.
  public var fields: [JSONPath]

  /// A request for a page.
  public init(window: Window, cursor: String?, fields: [JSONPath]) {
    self.window = window
    self.cursor = cursor
    self.fields = fields
  }
}

/// A page of raw records, as the bytes that came.
public struct Page: Sendable {
  /// The bytes that hold the records.
  public var bytes: [UInt8]
  /// The records and their fields, as offsets into the bytes.
  ///
  /// The fields wanted come first; a
  /// connector may have read more behind them, which `fieldCount` tells.
  public var scan: ScannedPage
  /// Where the next page begins; nil after the last page.
  public var next: String?
  /// How many requests the page took of the source, resends included.
  public var requests: Int

  /// A page.
  public init(bytes: [UInt8], scan: ScannedPage, next: String?, requests: Int) {
    self.bytes = bytes
    self.scan = scan
    self.next = next
    self.requests = requests
  }
}
