extension BuiltInManifest {
  /// Shopify's Admin API in GraphQL, whose queries cost points and whose refusals come with 200.
  static let shopify = BuiltInManifest(
    "shopify", "orders, refunds, customers and products of a Shopify shop, by GraphQL",
    .certified(
      against: "costs in points, THROTTLED, MAX_COST_EXCEEDED and INTERNAL_SERVER_ERROR with "
        + "status 200, search filters that are ignored, 25,000 objects of a query, orders of 60 days"
    ),
    #"""
    {
      base_url: "https://{parameters.shop}.myshopify.com/admin/api/{parameters.api_version}",
      auth: {type: "api_key", in: "header", name: "X-Shopify-Access-Token",
        key: "env:SHOPIFY_ACCESS_TOKEN"},
      // Without the scope read_all_orders, orders older than 60 days are left out in silence; with
      // it, set order_history to 36500d.
      parameters: {api_version: "2026-10", order_history: "60d"},
      // Of the standard plan; others are given more, which answers say. What a query may cost at most
      // is counted, as the shop does.
      budget: [
        {name: "points", algorithm: "cost", rate: 100, per: "1s", burst: 2000, cost: 600,
          observe: {body: {available: "extensions.cost.throttleStatus.currentlyAvailable",
            capacity: "extensions.cost.throttleStatus.maximumAvailable",
            restore: "extensions.cost.throttleStatus.restoreRate"}}},
      ],
      errors: [
        {when: {path: "errors[].extensions.code", equals: "THROTTLED"}, do: "rate_limited",
          wait: {seconds: 2}, message: "the points are used up (THROTTLED)"},
        {when: {path: "errors[].extensions.code", equals: "MAX_COST_EXCEEDED"}, do: "shrink_page"},
        {when: {path: "errors[].extensions.code", equals: ["INTERNAL_SERVER_ERROR", "TIMEOUT"]},
          do: "retry", message: "it could not answer (INTERNAL_SERVER_ERROR or TIMEOUT)"},
        {when: {path: "errors[].extensions.code", equals: "ACCESS_DENIED"}, do: "fail",
          message: "the token lacks a scope (ACCESS_DENIED)"},
        {when: {path: "errors[].message"}, do: "fail"},
        // A filter that is not known is passed over, and everything comes.
        {when: {path: "extensions.search[].warnings[].field"}, do: "fail",
          message: "it passed over a part of the search filter"},
      ],
      streams: {
        orders: {
          key: "shopify:{parameters.shop}:order:{legacyResourceId}",
          event_time: "createdAt", version: "updatedAt",
          measures: {
            total: {field: "totalPriceSet.shopMoney.amount",
              currency: {field: "totalPriceSet.shopMoney.currencyCode"}},
            refunded: {field: "totalRefundedSet.shopMoney.amount",
              currency: {field: "totalRefundedSet.shopMoney.currencyCode"}, negative: true},
          },
          \#(connection("orders", by: "created_at", size: 100, keptFor: orderHistory, nodes: """
            id legacyResourceId name createdAt updatedAt processedAt closedAt cancelledAt test
                    displayFinancialStatus displayFulfillmentStatus
                    totalPriceSet { shopMoney { amount currencyCode } }
                    totalRefundedSet { shopMoney { amount currencyCode } }
                    customer { id legacyResourceId }
            """)),
        },
        // Refunds are found by their orders: they belong to the window in which the order was made,
        // and come up for as long as orders are refunded.
        refunds: {
          key: "shopify:{parameters.shop}:refund:{legacyResourceId}",
          event_time: "parent.createdAt", version: "updatedAt",
          measures: {
            amount: {field: "totalRefundedSet.shopMoney.amount",
              currency: {field: "totalRefundedSet.shopMoney.currencyCode"}, negative: true},
          },
          \#(connection("orders", by: "created_at", size: 100, keptFor: refundHistory,
            records: ".refunds", nodes: """
            legacyResourceId createdAt
                    refunds {
                      id legacyResourceId createdAt updatedAt note
                      order { id legacyResourceId }
                      totalRefundedSet { shopMoney { amount currencyCode } }
                    }
            """)),
        },
        customers: {
          key: "shopify:{parameters.shop}:customer:{legacyResourceId}",
          event_time: "createdAt", version: "updatedAt",
          measures: {spent: {field: "amountSpent.amount",
            currency: {field: "amountSpent.currencyCode"}}},
          \#(connection("customers", by: "customer_date", size: 200, nodes: """
            id legacyResourceId createdAt updatedAt state numberOfOrders
                    amountSpent { amount currencyCode }
                    defaultEmailAddress { emailAddress }
            """)),
        },
        products: {
          key: "shopify:{parameters.shop}:product:{legacyResourceId}",
          event_time: "createdAt", version: "updatedAt",
          \#(connection("products", by: "created_at", size: 250, nodes: """
            id legacyResourceId title handle status vendor productType createdAt updatedAt
                    publishedAt tags
            """)),
        },
      },
    }
    """#)

  private static let orderHistory = #"retention: "{parameters.order_history}", "#
  private static let refundHistory = orderHistory + #"reread: "60d", "#

  /// How a connection is asked for: the fields of its nodes, a page, and its time filter, which
  /// tells seconds apart.
  private static func connection(
    _ name: String, by filter: String, size: Int, keptFor history: String = "",
    records child: String = "", nodes: String
  ) -> String {
    #"""
    path: "/graphql.json",
          graphql: {
            query: "query($first: Int!, $after: String, $query: String!) {\
                \#(name)(first: $first, after: $after, query: $query, sortKey: CREATED_AT) {\
                  nodes { \#(continued(nodes)) }\
                  pageInfo { hasNextPage endCursor }\
                } }",
            variables: {first: "{page_size:number}", after: "{cursor}",
              query: "\#(filter):>='{window.from}' AND \#(filter):<'{window.to}'"},
          },
          records: "data.\#(name).nodes[]\#(child)",
          window: {from: "gte", to: "lt", format: "rfc3339", grain: "second", \#(history)
            settle_lag: "5min"},
          cap: {records: 25000, on_hit: "split"},
          pagination: {type: "graphql", path: "data.\#(name).pageInfo", size: \#(size)}
    """#
  }

  /// A text over several lines, as a literal of JSON5 goes over them.
  private static func continued(_ text: String) -> String {
    text.split(separator: "\n").map { "\($0)\\\n" }.joined()
  }
}
