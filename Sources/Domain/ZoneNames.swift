import FoundationEssentials
import FoundationInternationalization
import Spelling

/// Which names are IANA names of zones, and what somebody meant who wrote another.
enum ZoneNames {
  /// Whether the text has the form of an IANA name of a place, or is `UTC`.
  ///
  /// Foundation takes much more than that for a zone: `GMT+3`, `PST`, `SystemV/PST8`.
  static func isIANA(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard 2...3 ~= parts.count, parts[0] != "SystemV" else { return name == "UTC" }
    return parts.allSatisfy { part in
      part.utf8.first.map(isLetter) == true && part.utf8.allSatisfy(isPart)
    }
  }

  /// The name that was probably meant; nil where nothing is near.
  static func nearest(to name: String) -> String? {
    if let known = abbreviations[name.uppercased()] { return known }
    let names = TimeZone.knownTimeZoneIdentifiers
    let lower = name.lowercased()
    if let same = names.first(where: { $0.lowercased() == lower }) { return same }
    let city = lower.replacing(" ", with: "_")
    if let place = names.first(where: { $0.lowercased().hasSuffix("/" + city) }) { return place }
    return nearestName(to: name, among: names)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
  }

  private static func isPart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"),
      UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// Abbreviations, which name an offset and not a place's rules, with the place most often meant.
  private static let abbreviations = [
    "UTC": "UTC", "GMT": "UTC", "Z": "UTC", "ZULU": "UTC", "UCT": "UTC",
    "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles", "PT": "America/Los_Angeles",
    "MST": "America/Denver", "MDT": "America/Denver", "MT": "America/Denver",
    "CST": "America/Chicago", "CDT": "America/Chicago", "CT": "America/Chicago",
    "EST": "America/New_York", "EDT": "America/New_York", "ET": "America/New_York",
    "BST": "Europe/London", "WET": "Europe/Lisbon", "WEST": "Europe/Lisbon",
    "CET": "Europe/Berlin", "CEST": "Europe/Berlin", "MEZ": "Europe/Berlin",
    "MESZ": "Europe/Berlin", "EET": "Europe/Helsinki", "EEST": "Europe/Helsinki",
    "MSK": "Europe/Moscow", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "KST": "Asia/Seoul",
    "AEST": "Australia/Sydney", "AEDT": "Australia/Sydney", "NZST": "Pacific/Auckland",
  ]
}
