extension BuiltInManifest {
  /// HubSpot's search, which gives 10,000 results of one query however many there are.
  static let hubspot = BuiltInManifest(
    "hubspot", "contacts, companies and deals of HubSpot",
    .certified(
      against: "10,000 results of a search and 400 beyond, more than that at one moment, "
        + "milliseconds, pages of 200, 429 without Retry-After"),
    #"""
    {
      base_url: "https://api.hubapi.com",
      auth: {type: "bearer", token: "env:HUBSPOT_ACCESS_TOKEN"},
      // portal is the number of the account, currency that of its company.
      // Of the smallest plans; a fifth is left to other programs of the account.
      budget: [
        {name: "account", rate: 100, per: "10s", reserve: 0.2},
        {name: "search", rate: 5, per: "1s",
          scope: {method: "POST", path: "/crm/v3/objects/*/search"}},
        {name: "day", algorithm: "daily", rate: 250000, reserve: 0.2},
      ],
      errors: [
        // Searches are refused without a word on how long; a day's quota ends at midnight.
        {when: {status: 429, path: "policyName", equals: "DAILY"}, do: "rate_limited",
          wait: {seconds: 3600}, message: "the requests of the day are used up (DAILY)"},
        {when: {status: 429, header: "Retry-After"}, do: "rate_limited",
          wait: {header: "Retry-After"}, message: "too many requests at once"},
        {when: {status: 429}, do: "rate_limited", wait: {seconds: 2},
          message: "too many requests at once"},
        {when: {status: [477, 502, 503, 504, 521, 522, 523, 524]}, do: "retry"},
      ],
      streams: {
        contacts: {
          \#(search("contacts", "contact", [
            "email", "firstname", "lastname", "phone", "company", "lifecyclestage",
            "lastmodifieddate",
          ])),
        },
        companies: {
          \#(search("companies", "company", [
            "name", "domain", "industry", "city", "country", "lifecyclestage",
            "hs_lastmodifieddate",
          ])),
        },
        deals: {
          \#(search("deals", "deal", [
            "dealname", "dealstage", "pipeline", "amount", "amount_in_home_currency",
            "deal_currency_code", "closedate", "hs_lastmodifieddate",
          ])),
          measures: {amount: {field: "properties.amount_in_home_currency",
            currency: "{parameters.currency}"}},
        },
      },
    }
    """#)

  /// How objects are searched for: by the millisecond of creation, in the order of their ids, behind
  /// the last of which a search goes on that even the shortest window is too long for.
  private static func search(_ type: String, _ object: String, _ properties: [String]) -> String {
    let wanted = (["createdate"] + properties).map { "\"\($0)\"" }.joined(separator: ", ")
    return #"""
      key: "hubspot:{parameters.portal}:\#(object):{id}",
            event_time: "createdAt", version: "updatedAt",
            method: "POST", path: "/crm/v3/objects/\#(type)/search", records: "results", total: "total",
            body: {
              filterGroups: [{filters: [
                {propertyName: "createdate", operator: "GTE", value: "{window.from}"},
                {propertyName: "createdate", operator: "LT", value: "{window.to}"},
                {propertyName: "hs_object_id", operator: "GT", value: "{last_id}"},
              ]}],
              sorts: [{propertyName: "hs_object_id", direction: "ASCENDING"}],
              properties: [\#(wanted)],
              limit: "{page_size:number}", after: "{cursor}",
            },
            window: {from: "gte", to: "lt", format: "epoch_milliseconds", settle_lag: "5min"},
            cap: {records: 10000, on_hit: "split", id: "id"},
            pagination: {type: "cursor", path: "paging.next.after", size: 200}
      """#
  }
}
