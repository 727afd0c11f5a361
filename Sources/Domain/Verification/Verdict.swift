/// What is said of one record when the store is compared with its source.
///
/// Three verdicts stand against the proof: `missing`, `gone` and `different`. All others are
/// accounted for: they are counted and told, and the partition can be verified beside them.
public enum Verdict: String, CaseIterable, Sendable {
  /// Store and source have it alike.
  case equal
  /// The source has it, the store has not.
  case missing
  /// The store has it, the source no longer has; it is marked, and from then on it is no difference
  /// but a fact.
  case gone
  /// Both have it, and the store should have what the source has now.
  case different
  /// Both have it with other payloads, and the stream's policy is that the first write stays.
  case kept
  /// Both have it, and what the store has is newer than what the source listed.
  case stale
  /// The store has it in this window, the source in another, where it is judged.
  case moved
  /// It cannot be taken, and stands among the rejections with its reason.
  case refused
  /// The store was written to meanwhile; the next verification judges it.
  case unsettled

  /// Whether a partition with such a record is not verified.
  public var isDifference: Bool {
    switch self {
    case .missing, .gone, .different: true
    case .equal, .kept, .stale, .moved, .refused, .unsettled: false
    }
  }

  /// Whether reading the source again could mend it.
  public var isMendedByReading: Bool { self == .missing || self == .different }
}

extension Verdict {
  /// What store and source being equal means for one record, under each policy.
  ///
  /// | the source, the store | `keep_first` | `new_version` | `reject` |
  /// |---|---|---|---|
  /// | same payload, less excluded fields | equal | equal | equal |
  /// | other payload | kept | different | kept |
  /// | other payload, the store's is newer by the version field | kept | stale | kept |
  /// | record, no document | missing | missing | missing |
  /// | record that cannot be taken, kept as a rejection | refused | refused | refused |
  /// | record that cannot be taken, unknown to the store | missing | missing | missing |
  /// | record that cannot be taken, a document of its key | kept | different | kept |
  /// | nothing, a document | gone | gone | gone |
  /// | nothing here, but in another window; a document | moved | moved | moved |
  /// | anything, a document written since the verification began | unsettled | unsettled | unsettled |
  ///
  /// `isElsewhere` says that the same verification found the key with another payload in another
  /// window: its event time changed.
  public static func of(
    _ standing: Standing, under policy: Policy, isElsewhere: Bool = false
  ) -> Verdict {
    switch standing {
    case .same: .equal
    case .other, .broken: policy == .newVersion ? .different : .kept
    case .older: policy == .newVersion ? .stale : .kept
    case .absent, .unrefused: .missing
    case .unlisted: isElsewhere ? .moved : .gone
    case .refused: .refused
    case .unsettled: .unsettled
    }
  }
}
