/// Counts the connections to a Unix socket in the kernel's own table.
///
/// It sees every client, also a person in `psql`, and needs no connection of ours for it.
enum SocketClients {
  static func count(of socket: String) -> Int {
    guard let table = SmallFile.text(at: "/proc/net/unix") else { return 0 }
    return count(of: socket, in: table)
  }

  /// Reads the text of the table.
  ///
  /// The columns are: address, reference count, protocol, flags, type, state, inode, path. The
  /// listening socket has state 01, each connection on the server's side state 03.
  static func count(of socket: String, in table: String) -> Int {
    table.split(separator: "\n").count { line in
      let columns = line.split(separator: " ", maxSplits: 7, omittingEmptySubsequences: true)
      return columns.count == 8 && columns[5] == "03" && columns[7] == socket
    }
  }
}
