-- Partitions, the history of attempts, and what the sequencer has still to fold.
-- breaking: no
--
-- The order in which locks are taken, so that nobody waits in a circle:
--   1 sources, and then request_budget by source_id
--   2 sequencer
--   3 backfill: a fold takes several, everybody else one and no sequencer
--   4 lane
--   5 partition by (backfill_id, number)
--   6 rejection by id
--   7 document by key; first those that a batch inserts, then those that it changes
--   8 notice, delivery, subscription
-- Who takes what, rows in brackets being skipped where they are locked:
--   apply       all of 1
--   claim       1 request_budget, [5]
--   frontiers   [4], 1 request_budget, [4]: nobody who holds 1 waits for a lane
--   commit      5 one, 7; new rows of rejection, history, tally
--   end, empty  5; new rows of history, tally
--   renew       [5]
--   submit      new rows of backfill, partition, lane
--   split       3 one, 4, 5, 6; new rows of partition, history, tally
--   steer       3 one, 4, 5, 6 (a retry), 8; new rows of history
--   redrive     6, 7; new rows of backfill, partition, rejection, history, tally
--   discard     6
--   fold        [2], tally, batch, 3, 4 (of what has ended), 8
--   notices     [8]
-- Batches and tallies have their rows written by one only, and measures by the fold alone. Tables of
-- history are locked by whoever writes them from the beginning of the statement on, before its rows,
-- and in a commit after its rows. That closes no circle as long as those locks do not exclude one
-- another, and whoever needs one that does (0006) holds nothing else meanwhile.

CREATE TABLE backfill.partition (
  backfill_id       bigint NOT NULL,
  number            int NOT NULL,
  rank              int NOT NULL,
  fence             bigint NOT NULL DEFAULT 0,
  from_at           timestamptz NOT NULL,
  to_at             timestamptz NOT NULL,
  attempts          int NOT NULL DEFAULT 0,
  failures          int NOT NULL DEFAULT 0,
  batch_sequence    int NOT NULL DEFAULT 0,
  attempt_sequence  int NOT NULL DEFAULT 0,
  worker_id         bigint,
  claimed_at        timestamptz,
  lease_until       timestamptz,
  not_before        timestamptz,
  finished_at       timestamptz,
  verified_at       timestamptz,
  read              bigint NOT NULL DEFAULT 0,
  inserted          bigint NOT NULL DEFAULT 0,
  versioned         bigint NOT NULL DEFAULT 0,
  unchanged         bigint NOT NULL DEFAULT 0,
  kept              bigint NOT NULL DEFAULT 0,
  stale             bigint NOT NULL DEFAULT 0,
  duplicate         bigint NOT NULL DEFAULT 0,
  rejected          bigint NOT NULL DEFAULT 0,
  outside           bigint NOT NULL DEFAULT 0,
  requests          bigint NOT NULL DEFAULT 0,
  state             text NOT NULL DEFAULT 'ready',
  kind              text,
  message           text,
  checkpoint        text,
  CONSTRAINT partition_pkey PRIMARY KEY (backfill_id, number),
  CONSTRAINT partition_window_not_empty CHECK (from_at < to_at),
  CONSTRAINT partition_state_known CHECK (state IN ('waiting', 'ready', 'running', 'succeeded',
    'failed', 'skipped', 'replaced', 'quarantined', 'cancelled')),
  CONSTRAINT partition_running_has_lease CHECK (state <> 'running'
    OR (lease_until IS NOT NULL AND claimed_at IS NOT NULL AND worker_id IS NOT NULL)),
  CONSTRAINT partition_waiting_has_time CHECK (state <> 'waiting' OR not_before IS NOT NULL),
  CONSTRAINT partition_finished_is_terminal CHECK ((finished_at IS NOT NULL) =
    (state IN ('succeeded', 'failed', 'skipped', 'replaced', 'cancelled'))),
  CONSTRAINT partition_failed_has_reason CHECK (state <> 'failed' OR kind IS NOT NULL),
  CONSTRAINT partition_outcomes_add_up CHECK (read = inserted + versioned + unchanged + kept
    + stale + duplicate + rejected + outside)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_cost_delay = 0);
CREATE INDEX partition_ready ON backfill.partition (backfill_id, rank) WHERE state = 'ready';
CREATE INDEX partition_waiting ON backfill.partition (backfill_id, not_before)
  WHERE state = 'waiting';
CREATE INDEX partition_running ON backfill.partition (backfill_id, claimed_at)
  WHERE state = 'running';
CREATE INDEX partition_blocking ON backfill.partition (backfill_id, rank)
  WHERE state IN ('failed', 'quarantined');

-- One row per attempt that ended, never rewritten; dropped by day.
CREATE TABLE backfill.attempt (
  backfill_id  bigint NOT NULL,
  number       int NOT NULL,
  attempt      int NOT NULL,
  batches      int NOT NULL,
  fence        bigint NOT NULL,
  worker_id    bigint NOT NULL,
  started_at   timestamptz NOT NULL,
  ended_at     timestamptz NOT NULL,
  outcome      text NOT NULL,
  kind         text,
  message      text,
  CONSTRAINT attempt_outcome_known CHECK (outcome IN ('succeeded', 'failed', 'rate_limited',
    'lost', 'released', 'cancelled'))
) PARTITION BY RANGE (ended_at);
CREATE INDEX attempt_by_partition ON backfill.attempt (backfill_id, number, attempt);
CREATE TABLE backfill.attempt_default PARTITION OF backfill.attempt DEFAULT;

-- One row per committed batch: the witness of a commit whose answer was lost, and the source of
-- what changed. Where it inserted documents, `key_from` and `key_to` are the first and the last of
-- its keys: there they are found again, without an index of documents by batch, which would cost
-- each of them. Dropped by day.
CREATE SEQUENCE backfill.batch_id CACHE 1;
CREATE TABLE backfill.batch (
  id            bigint NOT NULL,
  backfill_id   bigint NOT NULL,
  number        int NOT NULL,
  sequence      int NOT NULL,
  fence         bigint NOT NULL,
  worker_id     bigint NOT NULL,
  committed_at  timestamptz NOT NULL,
  position      bigint,
  pages         int NOT NULL,
  requests      int NOT NULL,
  read          int NOT NULL,
  inserted      int NOT NULL,
  versioned     int NOT NULL,
  unchanged     int NOT NULL,
  kept          int NOT NULL,
  stale         int NOT NULL,
  duplicate     int NOT NULL,
  rejected      int NOT NULL,
  outside       int NOT NULL,
  cursor_from   text,
  cursor_to     text,
  key_from      text COLLATE "C",
  key_to        text COLLATE "C",
  measures      jsonb,
  CONSTRAINT batch_pkey PRIMARY KEY (backfill_id, number, sequence, committed_at),
  CONSTRAINT batch_outcomes_add_up CHECK (read = inserted + versioned + unchanged + kept
    + stale + duplicate + rejected + outside)
) PARTITION BY RANGE (committed_at);
CREATE TABLE backfill.batch_default PARTITION OF backfill.batch DEFAULT;

-- The keys of a batch by outcome, in no order. Dropped by day with the batches.
CREATE TABLE backfill.batch_keys (
  batch_id      bigint NOT NULL,
  backfill_id   bigint NOT NULL,
  number        int NOT NULL,
  committed_at  timestamptz NOT NULL,
  outcome       text NOT NULL,
  keys          text[] NOT NULL
) PARTITION BY RANGE (committed_at);
CREATE INDEX batch_keys_by_backfill ON backfill.batch_keys (backfill_id, outcome);
CREATE TABLE backfill.batch_keys_default PARTITION OF backfill.batch_keys DEFAULT;

-- What a transaction changed of the numbers that are kept: one row per transaction, inserted by
-- whoever settles, folded and deleted by the sequencer. So no commit updates a row that others
-- share.
CREATE TABLE backfill.tally (
  id            bigint GENERATED ALWAYS AS IDENTITY,
  backfill_id   bigint NOT NULL,
  batch_number  int,
  batch_sequence int,
  committed_at  timestamptz NOT NULL,
  succeeded     int NOT NULL DEFAULT 0,
  failed        int NOT NULL DEFAULT 0,
  read          int NOT NULL DEFAULT 0,
  inserted      int NOT NULL DEFAULT 0,
  versioned     int NOT NULL DEFAULT 0,
  unchanged     int NOT NULL DEFAULT 0,
  kept          int NOT NULL DEFAULT 0,
  stale         int NOT NULL DEFAULT 0,
  duplicate     int NOT NULL DEFAULT 0,
  rejected      int NOT NULL DEFAULT 0,
  outside       int NOT NULL DEFAULT 0,
  requests      int NOT NULL DEFAULT 0,
  measures      jsonb,
  CONSTRAINT tally_pkey PRIMARY KEY (id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_cost_delay = 0);

-- How far the sequencer came; whoever holds the row's lock is the sequencer. Positions come from
-- here and not from a sequence: they have no gaps, and a pass that dies gives none.
-- Tallies are numbered before they are committed, so a low number may appear late. No tally below
-- `tally_from` will: every transaction that could have drawn such a number has ended. `tally_seen`
-- was the last number drawn before the transaction `seen_before` began.
-- `failure` is why the last pass failed; null once one went well.
CREATE TABLE backfill.sequencer (
  is_one       boolean NOT NULL DEFAULT true,
  position     bigint NOT NULL DEFAULT 0,
  tally_from   bigint NOT NULL DEFAULT 0,
  tally_seen   bigint NOT NULL DEFAULT 0,
  seen_before  xid8 NOT NULL DEFAULT '0',
  failed_at    timestamptz,
  failure      text,
  CONSTRAINT sequencer_pkey PRIMARY KEY (is_one),
  CONSTRAINT sequencer_is_one CHECK (is_one),
  CONSTRAINT sequencer_failure_has_time CHECK ((failed_at IS NULL) = (failure IS NULL))
) WITH (fillfactor = 20);
INSERT INTO backfill.sequencer DEFAULT VALUES;
