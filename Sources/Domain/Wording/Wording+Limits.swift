extension Wording {
  /// A limit in a few words: `account 100 per 1 s`, `day 200,000 a day`, `jobs 4 at once`.
  public static func limit(_ limit: RequestLimit) -> String {
    let words =
      switch limit.rule {
      case .fixedWindow(let rate), .movingWindow(let rate): Wording.rate(rate, "")
      case .tokenBucket(let rate, let burst), .leakyBucket(let rate, let burst):
        Wording.rate(rate, "") + ", \(number(burst)) at once"
      case .cost(let rate, let burst, _):
        Wording.rate(rate, " points") + ", \(number(burst)) at once"
      case .concurrency(let count): "\(number(count)) at once"
      case .daily(let count, _): "\(number(count)) a day"
      }
    let reserve = limit.reserve > 0 ? ", less \(percent(limit.reserve)) for others" : ""
    return "\(limit.name) \(words)\(reserve)"
  }

  private static func rate(_ rate: RequestLimit.Rate, _ unit: String) -> String {
    "\(number(rate.count))\(unit) per \(duration(microseconds: rate.period))"
  }

  private static func percent(_ share: Double) -> String {
    "\(Int((share * 100).rounded())) %"
  }
}
