/// How the store stands to one record that the source was found to have, or not to have.
public enum Standing: String, CaseIterable, Sendable {
  /// The store has it with an equal payload: equal bytes, or equal as JSON less what the stream
  /// excludes.
  case same
  /// The store has its key with another payload.
  case other
  /// The store has its key with another payload, which by the source's own version is newer.
  case older
  /// The store has no document of its key.
  case absent
  /// The store has a document of the window that the source did not list.
  case unlisted
  /// It cannot be taken, and the store keeps it as a rejection.
  case refused
  /// It cannot be taken, and the store knows nothing of it.
  case unrefused
  /// It cannot be taken, but the store has a document of its key.
  case broken
  /// The document was written after the verification began.
  case unsettled
}
