extension ConnectorGuide {
  /// What the limits of every source may say, whatever its connector.
  static let budget: [(name: String, meaning: String)] = [
    (
      "budget",
      "the limits on how often the source may be asked, all of which hold at once, over all workers "
        + "together: [{name: \"account\", rate: 100, per: \"1s\"}]; default none"
    ),
    ("budget: name", "how people and the store know the limit"),
    (
      "budget: algorithm",
      "how the source counts: moving_window (default), fixed_window, token_bucket, leaky_bucket, "
        + "cost (points), concurrency or daily"
    ),
    (
      "budget: rate, per",
      "so many requests, or points, in so much time: per is 500ms, 1s, 10s, 1min, 1h or 1d, default "
        + "1s; for daily, rate is the number of a day"
    ),
    (
      "budget: burst",
      "how much the bucket of token_bucket, leaky_bucket or cost holds; default rate"
    ),
    ("budget: cost", "the points of a request, for cost; default 1"),
    ("budget: at_once", "how many requests may be under way, for concurrency"),
    ("budget: zone", "the zone whose days are counted, for daily; default UTC"),
    ("budget: reserve", "the share left to other programs of the account; default 0"),
    (
      "budget: scope",
      "{method: \"GET\", path: \"/v1/*\", each: true}: the requests that are counted; * is one "
        + "segment, ** at the end any number, each counts what * stands for by itself; default all"
    ),
    (
      "budget: observe",
      "where answers say what is left: {remaining, limit, reset, reset_unit: s, ms, epoch or iso} "
        + "name headers, {ratio} a header as 32/40, {body: {available, capacity, restore}} paths of "
        + "the body; what one worker sees lowers the limit for all"
    ),
  ]
}
