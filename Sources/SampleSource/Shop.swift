/// The records of the shop, computed from seed, stream, day and place whenever they are needed;
/// none is kept.
struct Shop: Sendable {
  let configuration: SampleConfiguration

  /// Whether a day has records at all.
  func isOpen(_ day: SampleDay) -> Bool {
    let age = configuration.lastDay.number - day.number
    return (0..<configuration.days).contains(age)
  }

  /// How many records a stream has of a day.
  func count(_ stream: SampleStream, _ day: SampleDay) -> Int {
    guard isOpen(day) else { return 0 }
    // In percent, so that no platform's floating point can change the shop.
    let percent = weekdayPercent[day.weekday] * promotionPercent(day) / 100
    let noise = 85 + Int(random(stream, day, 0, .count) % 31)
    let orders = configuration.ordersPerDay * percent * noise / 10_000
    return stream == .orders ? orders : orders / 20
  }

  /// When a record was made; later places of a day are never earlier.
  func createdAt(_ stream: SampleStream, _ day: SampleDay, _ index: Int) -> Timestamp {
    let count = Int64(max(1, count(stream, day)))
    let jitter = Int64(random(stream, day, index, .time) % UInt64(millisecondsPerDay))
    let milliseconds = (Int64(index) * millisecondsPerDay + jitter) / count
    return Timestamp(microseconds: day.start + milliseconds * 1000)
  }

  /// The place of the first record of a day that is not before an instant.
  func firstIndex(_ stream: SampleStream, _ day: SampleDay, from: Timestamp) -> Int {
    var (low, high) = (0, count(stream, day))
    while low < high {
      let middle = (low + high) / 2
      if createdAt(stream, day, middle) < from { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Counts and sums of a day.
  func totals(_ stream: SampleStream, _ day: SampleDay) -> DayTotals {
    let count = count(stream, day)
    var cents: [String: Int] = [:]
    for index in 0..<count {
      let record = record(stream, day, index)
      cents[record.currency, default: 0] += record.cents
    }
    return DayTotals(count: count, sums: cents.mapValues(decimal))
  }

  /// How a day misbehaves; nil where it is sound.
  func behaviour(_ day: SampleDay) -> DayBehaviour? {
    isOpen(day) ? configuration.behaviours[configuration.lastDay.number - day.number] : nil
  }

  /// What a random number is for, so that no two uses share one.
  enum Use: UInt64 {
    case count, time, identity, customer, currency, status, items, update, reason
  }

  /// A number that depends on nothing but the seed and what it is for.
  func random(_ stream: SampleStream, _ day: SampleDay, _ index: Int, _ use: Use) -> UInt64 {
    let place = mixed(UInt64(bitPattern: Int64(day.number)) &+ (stream == .orders ? 0 : 1 << 40))
    return mixed(mixed(configuration.seed ^ place) &+ UInt64(index) << 8 &+ use.rawValue)
  }

  /// Around five weeks before the end, three days of promotion.
  private func promotionPercent(_ day: SampleDay) -> Int {
    switch configuration.lastDay.number - day.number {
    case 36: 320
    case 35: 240
    case 34: 150
    default: 100
    }
  }
}

/// Monday to Sunday.
private let weekdayPercent = [100, 98, 102, 110, 125, 72, 60]

private let millisecondsPerDay: Int64 = 86_400_000

/// Cents as decimal text with two decimals.
func decimal(_ cents: Int) -> String {
  let (whole, rest) = cents.magnitude.quotientAndRemainder(dividingBy: 100)
  return "\(cents < 0 ? "-" : "")\(whole).\(padded(rest, 2))"
}

/// Mixes the bits of a number; different numbers stay different (the finalizer of SplitMix64).
func mixed(_ number: UInt64) -> UInt64 {
  var mixed = number &+ 0x9E37_79B9_7F4A_7C15
  mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
  mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
  return mixed ^ (mixed >> 31)
}
