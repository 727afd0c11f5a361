import Glibc
import Processes
import Testing

@testable import Cluster

/// A home for a private cluster that is stopped and removed at the end, however the test ends.
func withHome(_ body: (String) async throws -> Void) async throws {
  var template = Array("/tmp/backfill-XXXXXX".utf8CString)
  try #require(mkdtemp(&template) != nil)
  let home = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  try #require(chmod(home, 0o755) == 0)
  let guardian = try await Guardian.watch(home: home)
  do {
    try await body(home)
  } catch {
    await guardian.dismiss()
    throw error
  }
  await guardian.dismiss()
  #expect(!SmallFile.exists(home))
}

/// Small and fast; durability is what a test of it sets itself.
func configuration(_ home: String) -> ClusterConfiguration {
  var configuration = ClusterConfiguration(home: home)
  configuration.durability = .off
  configuration.settings = ["shared_buffers": "16MB"]
  return configuration
}

/// The answer of the database to one statement, as `psql` prints it without frills.
@discardableResult
func query(_ sql: String, on connectionString: String) async throws -> String {
  let text = try await Command("psql", ["-XAtq", "-d", connectionString, "-c", sql])
    .runExpectingSuccess()
  return String(text.dropLast())
}

/// Waits for what another process does, which no event tells us.
func eventually(_ condition: () async throws -> Bool) async throws {
  try await waitUntil(within: .seconds(30), orThrow: .busy(home: "the test"), condition)
}
