/// The course of one child from start to end: time and wishes in, signals out.
struct ChildLife: Sendable {
  /// What is to be done to the child's whole group.
  enum Action: Equatable {
    case terminate
    case kill
  }

  private enum Phase {
    case running(until: ContinuousClock.Instant?)
    case terminated(killAt: ContinuousClock.Instant)
    case killed
  }

  private(set) var ranIntoDeadline = false
  private var phase: Phase
  private let grace: Duration

  init(startedAt now: ContinuousClock.Instant, deadline: Duration?, grace: Duration) {
    phase = .running(until: deadline.map { now + $0 })
    self.grace = grace
  }

  /// The next moment at which `advance` has something to do; nil if only an event can change things.
  var nextMoment: ContinuousClock.Instant? {
    switch phase {
    case .running(let until): until
    case .terminated(let killAt): killAt
    case .killed: nil
    }
  }

  /// What falls due at `now`.
  mutating func advance(to now: ContinuousClock.Instant) -> Action? {
    switch phase {
    case .running(let until?) where until <= now:
      ranIntoDeadline = true
      return stop(at: now)
    case .terminated(let killAt) where killAt <= now:
      phase = .killed
      return .kill
    default:
      return nil
    }
  }

  /// Somebody wants the child to end; asking twice does not lengthen its grace.
  mutating func stop(at now: ContinuousClock.Instant) -> Action? {
    guard case .running = phase else { return nil }
    guard grace > .zero else {
      phase = .killed
      return .kill
    }
    phase = .terminated(killAt: now + grace)
    return .terminate
  }
}
