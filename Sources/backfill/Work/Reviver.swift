import Cluster
import Domain

/// Starts a private PostgreSQL again that went away while it is worked on: nobody else would.
struct Reviver: Sendable {
  let cluster: Cluster
  let tell: @Sendable (Event) -> Void

  /// Looks once a second, which costs next to nothing while the server lives, until the task is
  /// cancelled.
  func run() async {
    while !Task.isCancelled {
      do {
        try await cluster.revive()
      } catch {
        if !Task.isCancelled {
          tell(.troubled(part: "private PostgreSQL", message: "\(error)"))
        }
      }
      do { try await Task.sleep(for: .seconds(1)) } catch { return }
    }
  }
}
