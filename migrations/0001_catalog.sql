-- What may be backfilled, and what was asked: sources, streams, backfills and their lanes.
-- breaking: no

CREATE TABLE backfill.source (
  id          int GENERATED ALWAYS AS IDENTITY,
  name        text NOT NULL,
  definition  text NOT NULL,
  applied_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT source_pkey PRIMARY KEY (id),
  CONSTRAINT source_name_unique UNIQUE (name)
);

-- One narrow row per source. Its row lock serialises the claims on the source, so that a cap is
-- never overshot; a claim locks it and does not write it.
CREATE TABLE backfill.request_budget (
  source_id    int NOT NULL,
  concurrency  int,
  held_until   timestamptz,
  held_reason  text,
  CONSTRAINT request_budget_pkey PRIMARY KEY (source_id),
  CONSTRAINT request_budget_source FOREIGN KEY (source_id) REFERENCES backfill.source (id),
  CONSTRAINT request_budget_concurrency_positive CHECK (concurrency > 0)
) WITH (fillfactor = 50);

CREATE TABLE backfill.stream (
  id          int GENERATED ALWAYS AS IDENTITY,
  source_id   int NOT NULL,
  name        text NOT NULL,
  definition  text NOT NULL,
  applied_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  retired_at  timestamptz,
  CONSTRAINT stream_pkey PRIMARY KEY (id),
  CONSTRAINT stream_name_unique UNIQUE (name),
  CONSTRAINT stream_source FOREIGN KEY (source_id) REFERENCES backfill.source (id)
);

-- A backfill runs with the definition it was submitted with: `definition` is a copy.
-- The counters are folded by the sequencer; nothing else writes them while partitions run.
CREATE TABLE backfill.backfill (
  id            bigint GENERATED ALWAYS AS IDENTITY,
  stream_id     int NOT NULL,
  source_id     int NOT NULL,
  stream        text NOT NULL,
  definition    text NOT NULL,
  tags          text[] NOT NULL DEFAULT '{}',
  from_at       timestamptz NOT NULL,
  to_at         timestamptz NOT NULL,
  step          text NOT NULL,
  time_zone     text NOT NULL,
  ordering      text NOT NULL,
  only_set      text NOT NULL,
  policy        text NOT NULL,
  concurrency   int,
  priority      int NOT NULL,
  requested_by  text NOT NULL,
  reason        text,
  state         text NOT NULL,
  submitted_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at    timestamptz,
  finished_at   timestamptz,
  total         int NOT NULL,
  succeeded     int NOT NULL DEFAULT 0,
  verified      int NOT NULL DEFAULT 0,
  failed        int NOT NULL DEFAULT 0,
  skipped       int NOT NULL DEFAULT 0,
  replaced      int NOT NULL DEFAULT 0,
  quarantined   int NOT NULL DEFAULT 0,
  cancelled     int NOT NULL DEFAULT 0,
  read          bigint NOT NULL DEFAULT 0,
  inserted      bigint NOT NULL DEFAULT 0,
  versioned     bigint NOT NULL DEFAULT 0,
  unchanged     bigint NOT NULL DEFAULT 0,
  kept          bigint NOT NULL DEFAULT 0,
  stale         bigint NOT NULL DEFAULT 0,
  duplicate     bigint NOT NULL DEFAULT 0,
  rejected      bigint NOT NULL DEFAULT 0,
  outside       bigint NOT NULL DEFAULT 0,
  requests      bigint NOT NULL DEFAULT 0,
  CONSTRAINT backfill_pkey PRIMARY KEY (id),
  CONSTRAINT backfill_stream FOREIGN KEY (stream_id) REFERENCES backfill.stream (id),
  CONSTRAINT backfill_window_not_empty CHECK (from_at < to_at),
  CONSTRAINT backfill_concurrency_positive CHECK (concurrency > 0),
  CONSTRAINT backfill_ordering_known CHECK (ordering IN ('oldest', 'newest', 'strict')),
  CONSTRAINT backfill_only_known CHECK (only_set IN ('missing', 'failed', 'all')),
  CONSTRAINT backfill_policy_known CHECK (policy IN ('keep_first', 'new_version', 'reject')),
  CONSTRAINT backfill_state_known CHECK (state IN ('awaiting_approval', 'running', 'paused',
    'succeeded', 'partially_failed', 'failed', 'cancelled')),
  CONSTRAINT backfill_finished_is_terminal CHECK ((finished_at IS NOT NULL) =
    (state IN ('succeeded', 'partially_failed', 'failed', 'cancelled'))),
  CONSTRAINT backfill_total_limited CHECK (total BETWEEN 0 AND 1000000),
  CONSTRAINT backfill_ended_within_total CHECK (
    succeeded + failed + skipped + replaced + cancelled <= total),
  CONSTRAINT backfill_outcomes_add_up CHECK (read = inserted + versioned + unchanged + kept
    + stale + duplicate + rejected + outside)
) WITH (fillfactor = 50);
CREATE INDEX backfill_by_stream ON backfill.backfill (stream_id, id);

-- The partitions of one backfill, which compete as one for workers. It exists while the backfill
-- has work. The frontiers are where searches begin: nothing ready has a lower rank, nothing waits
-- for an earlier time, nothing runs that was claimed before; they keep a claim flat however many
-- dead index entries lie behind them, and are moved about once a second, not by the claim. When
-- the whole lane was last searched, in case that something came behind a frontier all the same,
-- `searched_at` says.
CREATE TABLE backfill.lane (
  backfill_id       bigint NOT NULL,
  source_id         int NOT NULL,
  priority          int NOT NULL DEFAULT 0,
  concurrency       int,
  strict            boolean NOT NULL DEFAULT false,
  paused            boolean NOT NULL DEFAULT false,
  ready_frontier    int NOT NULL DEFAULT 0,
  due_frontier      timestamptz NOT NULL DEFAULT '-infinity',
  running_frontier  timestamptz NOT NULL DEFAULT '-infinity',
  searched_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT lane_pkey PRIMARY KEY (backfill_id),
  CONSTRAINT lane_concurrency_positive CHECK (concurrency > 0)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);
CREATE INDEX lane_open ON backfill.lane (source_id) WHERE NOT paused;
CREATE INDEX lane_by_source ON backfill.lane (source_id);

CREATE TABLE backfill.worker (
  id            bigint GENERATED ALWAYS AS IDENTITY,
  name          text NOT NULL,
  version       text NOT NULL,
  concurrency   int NOT NULL,
  started_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  heartbeat_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  stopped_at    timestamptz,
  CONSTRAINT worker_pkey PRIMARY KEY (id)
) WITH (fillfactor = 50);
CREATE INDEX worker_alive ON backfill.worker (heartbeat_at) WHERE stopped_at IS NULL;
