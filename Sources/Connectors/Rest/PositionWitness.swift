import Synchronization

/// Remembers whether any answer had the field that leads to the next page.
///
/// Sources that leave the field out on their last page have it on others; a path that was mistaken
/// is on none.
final class PositionWitness: Sendable {
  private let seen = Atomic<Bool>(false)

  /// Whether the field was seen.
  var hasSeen: Bool { seen.load(ordering: .relaxed) }

  /// Notes that the field was there, be it null or empty.
  func note() { seen.store(true, ordering: .relaxed) }
}
