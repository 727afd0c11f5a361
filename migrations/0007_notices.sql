-- Notices: who is told of what, what there is to tell, and how far the telling has come.
-- breaking: no

-- What a worker's failed attempts say of a source that does not go on: an object of
-- {kind: {message, until}}, until in microseconds since 1970. Told on by whoever folds the tally.
ALTER TABLE backfill.tally ADD COLUMN blocks jsonb;

-- Applied from a document and retired, never deleted, because deliveries name it.
CREATE TABLE backfill.subscription (
  id               int GENERATED ALWAYS AS IDENTITY,
  name             text NOT NULL,
  team             text NOT NULL,
  sources          text[] NOT NULL,
  streams          text[] NOT NULL,
  tags             text[] NOT NULL,
  events           text[] NOT NULL,
  delivery         text NOT NULL,
  applied_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  retired_at       timestamptz,
  disabled_at      timestamptz,
  disabled_reason  text,
  CONSTRAINT subscription_pkey PRIMARY KEY (id),
  CONSTRAINT subscription_name_unique UNIQUE (name),
  CONSTRAINT subscription_scope_not_empty CHECK (
    cardinality(sources) + cardinality(streams) + cardinality(tags) > 0),
  CONSTRAINT subscription_events_known CHECK (cardinality(events) > 0
    AND events <@ ARRAY['finished', 'finished_with_failures', 'partition_failed', 'blocked']),
  CONSTRAINT subscription_disabled_has_reason CHECK (
    (disabled_at IS NULL) = (disabled_reason IS NULL))
);

-- Whether a stream falls into a scope. The only place where scopes are judged.
CREATE FUNCTION backfill.in_scope(
  sub backfill.subscription, stream text, its_tags text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
  SELECT stream = ANY (sub.streams) OR split_part(stream, '.', 1) = ANY (sub.sources)
    OR its_tags && sub.tags
$$;

-- One row per event, written in the transaction of the event. Until `settles_at` it may still
-- change and is not delivered; then `facts` are fixed, and every attempt says the same.
-- `closed_at`: from then on an event of this kind and cause is a new one.
CREATE TABLE backfill.notice (
  id           text NOT NULL DEFAULT 'ntc_' || replace(gen_random_uuid()::text, '-', ''),
  backfill_id  bigint,
  kind         text NOT NULL,
  cause        text NOT NULL DEFAULT '',
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  settles_at   timestamptz,
  closed_at    timestamptz,
  facts        text,
  CONSTRAINT notice_pkey PRIMARY KEY (id),
  CONSTRAINT notice_backfill FOREIGN KEY (backfill_id) REFERENCES backfill.backfill (id),
  CONSTRAINT notice_kind_known CHECK (kind IN ('finished', 'finished_with_failures',
    'partition_failed', 'blocked', 'test')),
  CONSTRAINT notice_of_a_backfill CHECK ((backfill_id IS NULL) = (kind = 'test')),
  CONSTRAINT notice_settled_has_facts CHECK ((settles_at IS NULL) = (facts IS NOT NULL))
);
CREATE UNIQUE INDEX notice_once ON backfill.notice (backfill_id, kind, cause)
  WHERE closed_at IS NULL;
CREATE INDEX notice_settling ON backfill.notice (settles_at) WHERE settles_at IS NOT NULL;
CREATE INDEX notice_newest ON backfill.notice (created_at);

-- One row per notice and subscription in whose scope it falls. A claim moves `next_attempt_at` to
-- where its lease ends, and counts the attempt, which is the fence of what is written afterwards.
CREATE TABLE backfill.delivery (
  notice_id        text NOT NULL,
  subscription_id  int NOT NULL,
  attempts         int NOT NULL DEFAULT 0,
  created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  next_attempt_at  timestamptz,
  ended_at         timestamptz,
  state            text NOT NULL DEFAULT 'pending',
  message          text,
  CONSTRAINT delivery_pkey PRIMARY KEY (notice_id, subscription_id),
  CONSTRAINT delivery_notice FOREIGN KEY (notice_id) REFERENCES backfill.notice (id),
  CONSTRAINT delivery_subscription FOREIGN KEY (subscription_id)
    REFERENCES backfill.subscription (id),
  CONSTRAINT delivery_state_known CHECK (state IN ('pending', 'delivered', 'given_up')),
  CONSTRAINT delivery_pending_has_time CHECK ((state = 'pending') = (next_attempt_at IS NOT NULL)),
  CONSTRAINT delivery_ended_has_time CHECK ((state = 'pending') = (ended_at IS NULL)),
  CONSTRAINT delivery_given_up_has_reason CHECK (state <> 'given_up' OR message IS NOT NULL)
) WITH (fillfactor = 70);
CREATE INDEX delivery_due ON backfill.delivery (next_attempt_at) WHERE state = 'pending';
