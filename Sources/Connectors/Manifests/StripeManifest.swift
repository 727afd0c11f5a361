extension BuiltInManifest {
  /// Stripe's list endpoints: the newest first, by the second of creation.
  static let stripe = BuiltInManifest(
    "stripe", "charges, refunds, balance, invoices, customers, payouts and more of Stripe",
    .certified(
      against: "bounds by the second, newest first, pages of 100, ids that vanish between pages, "
        + "429 of both limiters, events of 30 days"),
    #"""
    {
      base_url: "https://api.stripe.com",
      auth: {type: "bearer", token: "env:STRIPE_API_KEY"},
      parameters: {api_version: "2026-10-28.endive"},
      headers: {"Stripe-Version": "{parameters.api_version}"},
      // In live mode; a sandbox is given 25 in all. A fifth is left to those who take money.
      budget: [
        {name: "account", rate: 100, per: "1s", reserve: 0.2},
        {name: "endpoint", rate: 25, per: "1s", reserve: 0.2, scope: {path: "/v1/*", each: true}},
      ],
      errors: [
        // The record that a page was to begin behind is gone: nobody knows what was passed over.
        {when: {status: 400, path: "error.code", equals: "resource_missing"}, do: "restart"},
        {when: {status: 429, path: "error.code", equals: "lock_timeout"}, do: "rate_limited",
          wait: {seconds: 1}, message: "an object is in use (lock_timeout)"},
        {when: {status: 429, path: "error.code", equals: "rate_limit"}, do: "rate_limited",
          wait: {seconds: 1}, message: "too many requests at once (rate_limit)"},
        {when: {status: 409}, do: "retry", message: "another request holds the object"},
      ],
      streams: {
        charges: {
          key: "stripe:charge:{id}", policy: "new_version", \#(list("charges")),
          measures: {amount: \#(money("amount")), refunded: \#(money("amount_refunded"))},
        },
        refunds: {
          key: "stripe:refund:{id}", policy: "new_version", \#(list("refunds")),
          measures: {amount: \#(money("amount", negative: true))},
        },
        // A movement is pending until its money is available: only its status changes, once.
        balance_transactions: {
          key: "stripe:balance_transaction:{id}", policy: "keep_first", exclude: ["status"],
          \#(list("balance_transactions")),
          measures: {amount: \#(money("amount")), fee: \#(money("fee")), net: \#(money("net"))},
        },
        payment_intents: {
          key: "stripe:payment_intent:{id}", policy: "new_version", \#(list("payment_intents")),
          measures: {amount: \#(money("amount")), received: \#(money("amount_received"))},
        },
        invoices: {
          key: "stripe:invoice:{id}", policy: "new_version", \#(list("invoices")),
          measures: {total: \#(money("total")), paid: \#(money("amount_paid"))},
        },
        customers: {
          key: "stripe:customer:{id}", policy: "new_version", \#(list("customers")),
        },
        disputes: {
          key: "stripe:dispute:{id}", policy: "new_version", \#(list("disputes")),
          measures: {amount: \#(money("amount"))},
        },
        payouts: {
          key: "stripe:payout:{id}", policy: "new_version", \#(list("payouts")),
          measures: {amount: \#(money("amount"))},
        },
        // An event stays as it was rendered; how many webhooks still wait for it does not.
        events: {
          key: "stripe:event:{id}", policy: "keep_first", exclude: ["pending_webhooks"],
          \#(list("events", keptFor: #"retention: "30d","#)),
        },
      },
    }
    """#)

  /// How every list is asked for.
  ///
  /// What was just created may come up some minutes late in the lists.
  private static func list(_ name: String, keptFor retention: String = "") -> String {
    #"""
    path: "/v1/\#(name)", records: "data", has_more: "has_more",
          event_time: {field: "created", format: "epoch_seconds"},
          query: {"created[gte]": "{window.from}", "created[lt]": "{window.to}"},
          window: {from: "gte", to: "lt", format: "epoch_seconds", \#(retention) settle_lag: "10min"},
          pagination: {type: "last_id", path: "id", parameter: "starting_after", size: 100,
            size_parameter: "limit"}
    """#
  }

  /// An amount in the smallest units of its currency, as Stripe counts them: two currencies without
  /// fractions are written with two places, and one with fifths is written without.
  private static func money(_ field: String, negative: Bool = false) -> String {
    #"""
    {field: "\#(field)", currency: {field: "currency"}, scale: {ISK: 2, UGX: 2, MGA: 0}\#(
      negative ? ", negative: true" : "")}
    """#
  }
}
