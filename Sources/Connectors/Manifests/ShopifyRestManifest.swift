extension BuiltInManifest {
  /// Shopify's older Admin API, for apps that still ask it.
  static let shopifyRest = BuiltInManifest(
    "shopify_rest", "orders, refunds, customers and products of a Shopify shop, by the older REST",
    .certified(
      against:
        "closed orders that are hidden unless asked for, an end that is inside, Link headers "
        + "beside which nothing may be asked, 429 with Retry-After, orders of 60 days"),
    #"""
    {
      base_url: "https://{parameters.shop}.myshopify.com/admin/api/{parameters.api_version}",
      auth: {type: "api_key", in: "header", name: "X-Shopify-Access-Token",
        key: "env:SHOPIFY_ACCESS_TOKEN"},
      // Without the scope read_all_orders, orders older than 60 days are left out in silence; with
      // it, set order_history to 36500d.
      parameters: {api_version: "2026-10", order_history: "60d"},
      budget: [
        {name: "calls", algorithm: "leaky_bucket", rate: 2, per: "1s", burst: 40,
          observe: {ratio: "X-Shopify-Shop-Api-Call-Limit"}},
      ],
      // It writes the seconds with a fraction, "2.0".
      errors: [{when: {status: 429}, do: "rate_limited", wait: {header: "Retry-After"}}],
      streams: {
        orders: {
          key: "shopify:{parameters.shop}:order:{id}",
          event_time: "created_at", version: "updated_at", records: "orders",
          measures: {total: {field: "total_price", currency: {field: "currency"}}},
          // Without status, only open orders come.
          \#(list("orders", query: #"status: "any", "#, keptFor: restOrderHistory)),
        },
        // Refunds lie in their orders, and belong to the window in which the order was made.
        refunds: {
          key: "shopify:{parameters.shop}:refund:{id}",
          event_time: "parent.created_at", policy: "new_version", records: "orders[].refunds",
          \#(list("orders", query: #"status: "any", fields: "id,created_at,refunds", "#,
            keptFor: restOrderHistory + #"reread: "60d", "#)),
        },
        customers: {
          key: "shopify:{parameters.shop}:customer:{id}",
          event_time: "created_at", version: "updated_at", records: "customers",
          measures: {spent: {field: "total_spent", currency: {field: "currency"}}},
          \#(list("customers")),
        },
        products: {
          key: "shopify:{parameters.shop}:product:{id}",
          event_time: "created_at", version: "updated_at", records: "products",
          \#(list("products")),
        },
      },
    }
    """#)

  private static let restOrderHistory = #"retention: "{parameters.order_history}", "#

  /// How every list is asked for: `created_at_max` is inside, and seconds are told apart.
  private static func list(
    _ name: String, query: String = "", keptFor history: String = ""
  ) -> String {
    #"""
    path: "/\#(name).json",
          query: {\#(query)created_at_min: "{window.from}", created_at_max: "{window.to}"},
          window: {from: "gte", to: "lte", format: "rfc3339", grain: "second", \#(history)
            settle_lag: "5min"},
          cap: {records: 25000, on_hit: "split"},
          pagination: {type: "link_header", size: 250, size_parameter: "limit"}
    """#
  }
}
