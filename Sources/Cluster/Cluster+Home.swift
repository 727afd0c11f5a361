import Processes

extension Cluster {
  /// The directory in which the private cluster lies.
  ///
  /// It is `BACKFILL_HOME` if that is set; else `/var/lib/backfill` for root and `~/.backfill` for
  /// everybody else.
  public static func home(environment: [String: String], userID: UInt32) -> String {
    if let chosen = environment["BACKFILL_HOME"], !chosen.isEmpty { return chosen }
    if userID == 0 { return "/var/lib/backfill" }
    let personal = environment["HOME"] ?? Account.numbered(userID)?.home ?? "/"
    return "\(personal)/.backfill"
  }
}
