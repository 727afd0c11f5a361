extension BuiltInManifest {
  /// Klaviyo's API, whose filters tell seconds apart and differ from list to list.
  static let klaviyo = BuiltInManifest(
    "klaviyo", "events, profiles and campaigns of Klaviyo",
    .certified(
      against: "filters by the second, bounds that are outside for profiles, page sizes of each "
        + "list, campaigns that want a channel and hide the archived, next links, 429"),
    #"""
    {
      base_url: "https://a.klaviyo.com/api",
      auth: {type: "api_key", in: "header", name: "Authorization", key: "env:KLAVIYO_API_KEY",
        template: "Klaviyo-API-Key {key}"},
      // account is the site id of six letters; campaigns are of one channel: email, sms or
      // mobile_push.
      parameters: {revision: "2026-07-15", channel: "email"},
      headers: {revision: "{parameters.revision}", Accept: "application/vnd.api+json"},
      budget: [
        \#(limits("events", 350, 3_500)),
        \#(limits("profiles", 75, 700)),
        \#(limits("campaigns", 10, 150)),
      ],
      errors: [
        {when: {status: 429}, do: "rate_limited", wait: {header: "Retry-After"},
          message: "too many requests at once (throttled)"},
      ],
      streams: {
        // Events come up days after they happened, where apps send them late.
        events: {
          key: "klaviyo:{parameters.account}:event:{id}", policy: "keep_first",
          event_time: "attributes.datetime",
          path: "/events",
          query: {
            filter: "greater-or-equal(datetime,{window.from}),less-than(datetime,{window.to})",
            sort: "datetime",
          },
          window: {from: "gte", to: "lt", format: "rfc3339", grain: "second", settle_lag: "2h",
            reread: "7d"},
          \#(pages(1_000)),
        },
        // Of their times, both bounds are outside.
        profiles: {
          key: "klaviyo:{parameters.account}:profile:{id}",
          event_time: "attributes.created", version: "attributes.updated",
          path: "/profiles",
          query: {
            filter: "greater-than(created,{window.from}),less-than(created,{window.to})",
            sort: "created",
          },
          window: {from: "gt", to: "lt", format: "rfc3339", grain: "second", settle_lag: "10min"},
          \#(pages(100)),
        },
        campaigns: {\#(campaigns(archived: false))},
        // What is archived is left out unless it is asked for, and then it is all that comes.
        archived_campaigns: {\#(campaigns(archived: true))},
      },
    }
    """#)

  /// The windows of a second and of a minute in which a list is counted by itself.
  private static func limits(_ list: String, _ second: Int, _ minute: Int) -> String {
    #"""
    {name: "\#(list)_burst", algorithm: "fixed_window", rate: \#(second), per: "1s",
          scope: {path: "/api/\#(list)"}},
        {name: "\#(list)_steady", algorithm: "fixed_window", rate: \#(minute), per: "1min",
          scope: {path: "/api/\#(list)"}}
    """#
  }

  private static func pages(_ size: Int) -> String {
    #"""
    records: "data",
          pagination: {type: "next_url", path: "links.next", size: \#(size),
            size_parameter: "page[size]"}
    """#
  }

  private static func campaigns(archived: Bool) -> String {
    #"""

          key: "klaviyo:{parameters.account}:campaign:{id}",
          event_time: "attributes.created_at", version: "attributes.updated_at",
          path: "/campaigns",
          query: {
            filter: "and(equals(messages.channel,'{parameters.channel}'),\
    equals(archived,\#(archived)),\
    greater-or-equal(created_at,{window.from}),less-than(created_at,{window.to}))",
            sort: "created_at",
          },
          window: {from: "gte", to: "lt", format: "rfc3339", grain: "second", settle_lag: "10min"},
          \#(pages(100)),
        
    """#
  }
}
