/// What was granted under one limit, and the rule by which more is.
///
/// This is the rule itself. The database goes by the same one, so that all processes share what was
/// granted; a test holds the two together. All times are microseconds since 1970.
public struct LimitSchedule: Hashable, Sendable {
  /// How the limit counts.
  public enum Kind: Hashable, Sendable {
    /// In slots, of which a request takes one.
    case paced(Pace)
    /// In slots, one for each point that a request costs.
    case metered(Pace)
    /// So many in each day of a zone.
    case daily(Int64, Zone)
  }

  /// Around midnight nobody knows to which day the source counts a request.
  static let twilight: Int64 = 2_000_000

  /// How the limit counts.
  public var kind: Kind
  /// The next slot; nothing was granted from here on.
  public var nextAt: Int64 = 0
  /// Slots that came back or were passed over.
  public var free: [Int64] = []
  /// How much was ever granted.
  public var granted: Int64 = 0
  /// The spacing that the source named; zero where it named none.
  public var slower: Int64 = 0
  /// Nothing is granted before this.
  public var heldUntil: Int64 = 0
  /// How much more may be granted up to `quotaUntil`.
  public var quotaLeft: Int64 = 0
  /// Until when `quotaLeft` counts.
  public var quotaUntil: Int64 = 0
  /// How much was granted of the day that ends at `dayEnds`.
  public var dayUsed: Int64 = 0
  /// When the day of the last request ends.
  public var dayEnds: Int64 = 0

  /// A limit under which nothing was granted yet.
  public init(_ kind: Kind) {
    self.kind = kind
  }
}

// Looking
extension LimitSchedule {
  private var pace: Pace? {
    switch kind {
    case .paced(var pace), .metered(var pace):
      pace.spacing = max(pace.spacing, slower)
      return pace
    case .daily: return nil
    }
  }

  /// The first time from another one on at which a request may be granted.
  func earliest(from time: Int64, cost: Int64) -> Int64 {
    var time = max(time, heldUntil)
    if quotaLeft < cost, time < quotaUntil { time = quotaUntil }
    switch kind {
    case .paced, .metered: return nextSlot(from: time, cost: cost)
    case .daily(let capacity, _):
      let morning = dayEnds + Self.twilight / 2
      let isOver = time > dayEnds - Self.twilight || dayUsed >= capacity
      return time < morning && isOver ? morning : time
    }
  }

  private func nextSlot(from time: Int64, cost: Int64) -> Int64 {
    guard let pace else { return time }
    let last = nextAt + (cost - 1) * pace.spacing
    guard last > time else { return time }
    let older = free.filter { $0 >= time - pace.slack }.min().map { max(time, $0) }
    return min(last, older ?? last)
  }
}

// Granting
extension LimitSchedule {
  /// Forgets slots that nobody can be granted any more.
  mutating func forget(before now: Int64) {
    guard let pace else { return }
    free = free.filter { $0 >= now - pace.slack }.sorted()
  }

  /// Grants a request at a time that `earliest` gave; gives its slot, and until when it may go out.
  mutating func take(at time: Int64, cost: Int64, now: Int64) -> (slot: Int64, until: Int64) {
    let taken = pace.map { takeSlot(at: time, cost: cost, now: now, $0) } ?? takeDay(at: time)
    if time < quotaUntil { quotaLeft -= cost }
    granted += cost
    return taken
  }

  private mutating func takeSlot(
    at time: Int64, cost: Int64, now: Int64, _ pace: Pace
  ) -> (slot: Int64, until: Int64) {
    let slot: Int64
    if let old = free.filter({ time - pace.slack <= $0 && $0 <= time }).min() {
      slot = old
      free.removeAll { $0 == old }
    } else {
      slot = min(max(nextAt, time - pace.slack), time - (cost - 1) * pace.spacing)
      if case .paced = kind { free += passedOver(before: slot, now: now, pace) }
      nextAt = slot + cost * pace.spacing
    }
    return (slot, max(slot + pace.slack, time) + pace.lateness)
  }

  /// Slots that another limit made the request pass over: others may still use them.
  private func passedOver(before slot: Int64, now: Int64, _ pace: Pace) -> [Int64] {
    Array(
      stride(
        from: max(nextAt, now - pace.slack), through: slot - pace.spacing, by: Int(pace.spacing)
      ).prefix(1_000))
  }

  private mutating func takeDay(at time: Int64) -> (slot: Int64, until: Int64) {
    if case .daily(_, let zone) = kind, time >= dayEnds {
      let day = zone.civilDate(of: Instant(microseconds: time))
      dayEnds = zone.startOfDay(CivilDate(dayNumber: day.dayNumber + 1)).microseconds
      dayUsed = 0
    }
    dayUsed += 1
    return (time, time + Self.twilight / 2)
  }

  /// Takes back a request that did not go out.
  public mutating func giveBack(_ slot: Int64, cost: Int64, now: Int64) {
    switch kind {
    case .paced: if slot > now, free.count < 1_000 { free.append(slot) }
    case .metered: nextAt -= cost * (pace?.spacing ?? 0)
    case .daily: if slot > dayEnds - 79_200_000_000 { dayUsed -= 1 }
    }
    if now < quotaUntil { quotaLeft += cost }
  }

  /// Notes what the answer to a request said, which had been granted as the `ordinal`-th.
  public mutating func lower(by lowering: Lowering, ordinal: Int64, now: Int64) {
    let behind = granted - ordinal
    if let slower = lowering.spacing { self.slower = slower }
    if let available = lowering.available, let pace {
      free = []
      nextAt = max(nextAt, now - (available - behind - 1) * pace.spacing)
    }
    if let left = lowering.left {
      quotaLeft = quotaUntil > now ? min(quotaLeft, left.count - behind) : left.count - behind
      quotaUntil = max(quotaUntil, now + left.period)
    }
  }
}

extension LimitSchedule {
  /// What one request takes of one limit.
  public struct Taken: Hashable, Sendable {
    /// The time of the request, which is the same under all limits.
    public var at: Int64
    /// After this it may not go out any more.
    public var until: Int64
    /// Its slots, one under each limit.
    public var slots: [Int64]
  }

  /// Grants up to so many requests, each within all limits and none later than `horizon` from now;
  /// gives them, and after how long the next could be granted.
  public static func grant(
    _ count: Int, costs: [Int64], under limits: inout [LimitSchedule], now: Int64, horizon: Int64
  ) -> (granted: [Taken], wait: Int64) {
    for index in limits.indices { limits[index].forget(before: now) }
    var granted: [Taken] = []
    var time = now
    while true {
      time = earliest(from: time, costs, limits)
      guard granted.count < count, time <= now + horizon else { return (granted, time - now) }
      let taken = limits.indices.map { limits[$0].take(at: time, cost: costs[$0], now: now) }
      granted.append(
        Taken(at: time, until: taken.map(\.until).min() ?? time, slots: taken.map(\.slot)))
    }
  }

  /// The first time that suits all limits.
  private static func earliest(
    from time: Int64, _ costs: [Int64], _ limits: [LimitSchedule]
  ) -> Int64 {
    var time = time
    while true {
      let later = zip(limits, costs).reduce(time) { $1.0.earliest(from: $0, cost: $1.1) }
      if later == time { return time }
      time = later
    }
  }
}

extension RequestLimit {
  /// An empty schedule of the limit; nil where what counts is what is under way.
  public func schedule() throws(InputFault) -> LimitSchedule? {
    if case .daily(let count, let zone) = rule {
      return LimitSchedule(.daily(Int64(withoutReserve(count)), try Zone(zone)))
    }
    guard let pace else { return nil }
    if case .cost = rule { return LimitSchedule(.metered(pace)) }
    return LimitSchedule(.paced(pace))
  }
}
