import Glibc

/// A user of this machine, as the password file knows it.
public struct Account: Sendable, Equatable {
  /// The login name.
  public let name: String
  /// The number of the user; 0 is root.
  public let userID: UInt32
  /// The number of the user's primary group.
  public let groupID: UInt32
  /// The user's home directory.
  public let home: String

  /// Describes a user whom the password file need not know.
  public init(name: String, userID: UInt32, groupID: UInt32, home: String) {
    self.name = name
    self.userID = userID
    self.groupID = groupID
    self.home = home
  }

  /// Looks a user up by login name; nil if the machine has none.
  public static func named(_ name: String) -> Account? {
    lookUp { getpwnam_r(name, $0, $1, $2, $3) }
  }

  /// Looks a user up by number; nil if the machine has none.
  public static func numbered(_ userID: UInt32) -> Account? {
    lookUp { getpwuid_r(userID, $0, $1, $2, $3) }
  }

  /// How many threads the processes of a user have, as far as /proc tells.
  public static func countThreads(of userID: UInt32) -> Int {
    guard let folder = opendir("/proc") else { return 0 }
    defer { closedir(folder) }
    var count = 0
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      var facts = stat()
      guard Int(name) != nil, stat("/proc/\(name)/task", &facts) == 0, facts.st_uid == userID
      else { continue }
      // A folder has a link for each folder in it, one to itself and one from above.
      count += max(0, Int(facts.st_nlink) - 2)
    }
    return count
  }

  private typealias Query = (
    UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
    UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
  ) -> Int32

  private static func lookUp(_ query: Query) -> Account? {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var texts = [CChar](repeating: 0, count: 16_384)
    return texts.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress, query(&entry, base, buffer.count, &found) == 0,
        found != nil
      else { return nil }
      return Account(
        name: String(cString: entry.pw_name), userID: entry.pw_uid, groupID: entry.pw_gid,
        home: String(cString: entry.pw_dir))
    }
  }
}
