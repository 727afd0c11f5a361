import Glibc
import Processes

/// As whom the server runs: as ourselves, or, because PostgreSQL refuses root, as `postgres`.
struct ServerUser: Sendable, Equatable {
  let account: Account
  let isRootsDelegate: Bool

  static let delegateName = "postgres"

  static func current() throws(ClusterError) -> ServerUser {
    let own = geteuid()
    if own == 0 {
      guard let delegate = Account.named(delegateName) else {
        throw .serverUserMissing(user: delegateName)
      }
      return ServerUser(account: delegate, isRootsDelegate: true)
    }
    let unnamed = Account(name: String(own), userID: own, groupID: getegid(), home: "/")
    return ServerUser(account: Account.numbered(own) ?? unnamed, isRootsDelegate: false)
  }

  /// A command that runs as this user, and sees nothing of our environment.
  func command(_ program: String, _ arguments: [String]) -> Command {
    var command = Command(program, arguments)
    command.environment = .only(["PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"])
    command.user = isRootsDelegate ? account.name : nil
    command.workingDirectory = "/"
    return command
  }
}
