import JSON

/// What an answer says of how much may still be asked.
enum QuotaReading: Hashable {
  /// So many are left until the count begins anew, of so many.
  case window(remaining: Int64, limit: Int64?, resetIn: Int64?)
  /// A bucket holds so much, of so much at most, and is filled by so much a second.
  case bucket(available: Int64, capacity: Int64?, restore: Int64?)
}

extension QuotaFields {
  /// What an answer says; nil where it says nothing, or nothing that can be read.
  func reading(of answer: QuotaAnswer) -> QuotaReading? {
    switch self {
    case .window(let remaining, let limit, let reset):
      guard let left = answer.header(remaining).flatMap(Self.number) else { return nil }
      return .window(
        remaining: left, limit: limit.flatMap(answer.header).flatMap(Self.number),
        resetIn: reset.flatMap { $0.wait(in: answer) })
    case .ratio(let header):
      guard let (used, capacity) = answer.header(header).flatMap(Self.ratio) else { return nil }
      return .bucket(available: max(0, capacity - used), capacity: capacity, restore: nil)
    case .body(let available, let capacity, let restore):
      guard let level = answer.value(available).flatMap(Self.number) else { return nil }
      return .bucket(
        available: level, capacity: capacity.flatMap(answer.value).flatMap(Self.number),
        restore: restore.flatMap(answer.value).flatMap(Self.number))
    }
  }

  /// The number that a text begins with, less what follows its point: `3500;w=60`, `12.0`.
  private static func number(_ text: String) -> Int64? {
    Int64(text.drop { $0 == " " }.prefix { $0.isASCII && $0.isNumber })
  }

  private static func number(_ value: JSONValue) -> Int64? {
    switch value {
    case .number(let text): number(text)
    case .string(let text): number(text)
    default: nil
    }
  }

  /// How much of how much: `32/40`, `api-usage=18/5000`.
  private static func ratio(_ text: String) -> (used: Int64, capacity: Int64)? {
    guard let slash = text.firstIndex(of: "/") else { return nil }
    let used = text[..<slash].reversed().prefix { $0.isASCII && $0.isNumber }.reversed()
    guard let used = Int64(String(used)),
      let capacity = number(String(text[text.index(after: slash)...]))
    else { return nil }
    return (used, capacity)
  }
}

extension QuotaFields.Reset {
  /// Nobody is taken at its word for longer than this, in microseconds.
  private static let longest: Int64 = 2_678_400_000_000

  /// Microseconds from the answer on until the count begins anew; nil where it does not say.
  func wait(in answer: QuotaAnswer) -> Int64? {
    guard let text = answer.header(header) else { return nil }
    let wait: Double
    switch unit {
    case .seconds, .milliseconds, .epoch:
      let digits = text.drop { $0 == " " }.prefix { $0.isASCII && $0.isNumber || $0 == "." }
      guard let number = Double(digits) else { return nil }
      wait = microseconds(number, since: answer.now)
    case .iso:
      guard let instant = Instant(text) else { return nil }
      wait = Double(instant.microseconds(since: answer.now))
    }
    return Int64(max(0, min(wait, Double(Self.longest))))
  }

  private func microseconds(_ number: Double, since now: Instant) -> Double {
    switch unit {
    case .milliseconds: number * 1_000
    // A count of seconds since 1970 stays below this until the year 5138.
    case .epoch: number * (number < 1e11 ? 1e6 : 1e3) - Double(now.microseconds)
    case .seconds, .iso: number * 1e6
    }
  }
}

extension RequestLimit {
  /// What an answer says that lowers what this limit grants; nil where that is as much as was
  /// thought, so that answers cost nothing as long as nobody else asks the source.
  public func lowering(by answer: QuotaAnswer) -> Lowering? {
    switch observed?.reading(of: answer) {
    case .window(let remaining, let limit, let reset)?:
      lowering(remaining: remaining, limit: limit, resetIn: reset)
    case .bucket(let available, let capacity, let restore)?:
      lowering(available: available, capacity: capacity, restore: restore)
    case nil: nil
    }
  }

  private func lowering(remaining: Int64, limit: Int64?, resetIn: Int64?) -> Lowering? {
    let reserved = Int64(Double(limit ?? declared) * reserve)
    let left = max(0, remaining - reserved)
    let within = resetIn ?? period
    // What would be granted until then if nothing was said.
    let planned = pace.map { within / $0.spacing } ?? declared / 10
    // Where the answer does not say when, only what is nearly used up matters.
    let isLess = resetIn == nil ? left * 10 < declared : left < planned
    let lowering = Lowering(
      left: isLess ? .init(left, within: within) : nil, spacing: spacing(ofLimit: limit))
    return lowering == Lowering() ? nil : lowering
  }

  private func lowering(available: Int64, capacity: Int64?, restore: Int64?) -> Lowering? {
    let size = capacity ?? declared
    let left = max(0, available - Int64(Double(size) * reserve))
    let isLow = left < max(2 * Int64(costOfRequest), size / 20)
    let lowering = Lowering(
      available: isLow ? left : nil, spacing: restore.flatMap { spacing(ofRestore: $0) })
    return lowering == Lowering() ? nil : lowering
  }

  /// The spacing that follows from the limit that an answer names; zero where that is no smaller.
  private func spacing(ofLimit limit: Int64?) -> Int64? {
    guard let limit, limit > 0, pace != nil else { return nil }
    switch rule {
    case .movingWindow(let rate), .fixedWindow(let rate):
      guard limit < rate.count else { return 0 }
      return Pace(window: rate, count: withoutReserve(Int(limit))).spacing
    default: return nil
    }
  }

  /// The spacing that follows from how fast a bucket is filled, by the answer.
  private func spacing(ofRestore perSecond: Int64) -> Int64? {
    guard perSecond > 0, perSecond <= 1_000_000, let pace else { return nil }
    let named = Pace(
      bucket: Rate(Int(perSecond), per: 1_000_000), count: withoutReserve(Int(perSecond)), burst: 2)
    return named.spacing > pace.spacing ? named.spacing : 0
  }

  /// How many there may be, as declared.
  private var declared: Int64 {
    switch rule {
    case .tokenBucket(_, let burst), .leakyBucket(_, let burst), .cost(_, let burst, _):
      Int64(burst)
    case .fixedWindow(let rate), .movingWindow(let rate): Int64(rate.count)
    case .concurrency(let count), .daily(let count, _): Int64(count)
    }
  }

  /// How long a count lasts, in microseconds.
  private var period: Int64 {
    switch rule {
    case .tokenBucket(let rate, _), .leakyBucket(let rate, _), .cost(let rate, _, _),
      .fixedWindow(let rate), .movingWindow(let rate):
      rate.period
    case .concurrency: 1_000_000
    case .daily: 3_600_000_000
    }
  }
}
