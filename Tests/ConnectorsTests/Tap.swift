import Connectors
import Domain
import Foundation
import JSON

/// A program of one test that plays a Singer tap or an Airbyte source: a script of `sh`.
final class Tap: Sendable {
  let folder: TemporaryFolder
  let path: String
  private let dialect: String
  private let source: String
  private let sandbox: String
  private let stream: String
  private let secrets: [String: String]

  /// A script, and more of what its source and stream define.
  ///
  /// In the script `$DIR` is its folder, and `option NAME` prints what follows an option.
  init(
    _ script: String, dialect: String = "singer", sandbox: String = "off", source: String = "",
    stream: String = "", secrets: [String: String] = [:]
  ) throws {
    self.dialect = dialect
    self.sandbox = sandbox
    self.source = source
    self.stream = stream
    self.secrets = secrets
    folder = try TemporaryFolder()
    path = try folder.write(
      "tap",
      """
      #!/bin/sh
      DIR='\(folder.path)'
      ARGUMENTS="$*"
      option() { printf '%s\\n' "$ARGUMENTS" | tr ' ' '\\n' | grep -A1 -x -e "$1" | tail -n 1; }
      \(script)
      """)
    // Nobody, as whom it runs where the tests are root's, must reach it and write beside it.
    chmod(path, 0o755)
    chmod(folder.path, 0o777)
  }

  /// The text of a file beside the script; empty where there is none.
  func text(_ name: String) -> String {
    guard let data = FileManager.default.contents(atPath: "\(folder.path)/\(name)") else {
      return ""
    }
    return String(decoding: data, as: UTF8.self)
  }

  /// The connector that reads the stream `orders` through the script.
  func connector() throws -> any Connector {
    let definition = try shop(
      """
      {sources: {shop: {connector: "\(dialect)", command: ["\(path)"],
        sandbox: "\(sandbox)", \(source)
        streams: {orders: {key: "order:{id}", event_time: "at", \(stream)}}}}}
      """)
    return try ConnectorsTests.connector(definition, try factory(secrets: secrets))
  }

  /// Reads one day from a cursor on.
  func read(from cursor: String? = nil) async throws -> Told {
    let reader = try connector().reader(
      of: window("2026-01-01T00:00Z", "2026-01-02T00:00Z"), fields: [JSONPath("id")])
    return await reader.all(from: cursor)
  }
}

/// What a reader gave, page by page, to its end or its failure.
struct Told {
  var texts: [String] = []
  var cursors: [String?] = []
  var failure: SourceFailure?
}

extension PartitionReader {
  /// Reads from a cursor on to the end or to the failure, and closes.
  func all(from cursor: String? = nil) async -> Told {
    var told = Told()
    var cursor = cursor
    do throws(SourceFailure) {
      repeat {
        let page = try await page(at: cursor)
        told.texts += page.texts
        told.cursors.append(page.next)
        cursor = page.next
      } while cursor != nil
    } catch {
      told.failure = error
    }
    await close()
    return told
  }
}
