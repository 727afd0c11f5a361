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
