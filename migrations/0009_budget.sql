-- How often a source may be asked: its limits, and the slots of time that workers were granted.
-- breaking: no
--
-- All times here are microseconds since 1970 by the server's clock, because slots are reckoned with.

-- Grows with each change of the limits, so that whoever knows older ones finds out.
ALTER TABLE backfill.request_budget ADD COLUMN revision int NOT NULL DEFAULT 0;

-- A limit of a source, as it was applied. `paced` gives slots that lie `spacing` apart, each of
-- which may be granted up to `slack` and used up to `lateness` after that; `metered` does so for
-- points, of which a request takes several; `daily` counts to `capacity` within a day of `zone`;
-- `concurrent` lets `capacity` requests be under way at once.
CREATE TABLE backfill.request_limit (
  id          int GENERATED ALWAYS AS IDENTITY,
  source_id   int NOT NULL,
  name        text NOT NULL,
  definition  text NOT NULL,
  kind        text NOT NULL,
  spacing     bigint NOT NULL DEFAULT 0,
  slack       bigint NOT NULL DEFAULT 0,
  lateness    bigint NOT NULL DEFAULT 0,
  capacity    bigint NOT NULL DEFAULT 0,
  zone        text NOT NULL DEFAULT 'UTC',
  CONSTRAINT request_limit_pkey PRIMARY KEY (id),
  CONSTRAINT request_limit_name_unique UNIQUE (source_id, name),
  CONSTRAINT request_limit_source FOREIGN KEY (source_id) REFERENCES backfill.source (id),
  CONSTRAINT request_limit_kind_known CHECK (kind IN ('paced', 'metered', 'daily', 'concurrent')),
  CONSTRAINT request_limit_spacing_positive CHECK (
    spacing > 0 OR kind NOT IN ('paced', 'metered'))
);

-- What was granted under a limit, and what the source said about it. A limit that counts each
-- endpoint by itself has a row for each (`bucket`); others have one. The row lock serialises the
-- grants; claims never take it. `next_at` is the next slot, `free` are older ones that came back
-- or were passed over; up to `quota_until` at most `quota_left` more may be granted.
CREATE TABLE backfill.request_schedule (
  limit_id     int NOT NULL,
  bucket       text NOT NULL,
  next_at      bigint NOT NULL DEFAULT 0,
  free         bigint[] NOT NULL DEFAULT '{}',
  granted      bigint NOT NULL DEFAULT 0,
  slower       bigint NOT NULL DEFAULT 0,
  held_until   bigint NOT NULL DEFAULT 0,
  quota_left   bigint NOT NULL DEFAULT 0,
  quota_until  bigint NOT NULL DEFAULT 0,
  day_used     bigint NOT NULL DEFAULT 0,
  day_ends     bigint NOT NULL DEFAULT 0,
  CONSTRAINT request_schedule_pkey PRIMARY KEY (limit_id, bucket),
  CONSTRAINT request_schedule_limit FOREIGN KEY (limit_id)
    REFERENCES backfill.request_limit (id) ON DELETE CASCADE
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);

-- Requests under way under a limit of concurrency; one whose process died ends by itself.
CREATE TABLE backfill.request_holder (
  id          bigint GENERATED ALWAYS AS IDENTITY,
  limit_id    int NOT NULL,
  bucket      text NOT NULL,
  expires_at  bigint NOT NULL,
  CONSTRAINT request_holder_pkey PRIMARY KEY (id),
  CONSTRAINT request_holder_limit FOREIGN KEY (limit_id)
    REFERENCES backfill.request_limit (id) ON DELETE CASCADE
) WITH (fillfactor = 50);
CREATE INDEX request_holder_by_limit ON backfill.request_holder (limit_id, bucket);

CREATE FUNCTION backfill.microseconds(p_at timestamptz) RETURNS bigint
LANGUAGE sql STABLE
AS $$ SELECT (extract(epoch FROM p_at) * 1000000)::bigint $$;

-- The end of the day of an instant, in a zone.
CREATE FUNCTION backfill.day_end(p_at bigint, p_zone text) RETURNS bigint
LANGUAGE sql STABLE
AS $$
  SELECT backfill.microseconds(
    (date_trunc('day', to_timestamp(p_at / 1000000) AT TIME ZONE p_zone) + interval '1 day')
      AT TIME ZONE p_zone)
$$;

-- Grants up to `p_count` slots, each within all of the limits, none later than `p_horizon` from
-- now. Each is a row: `slot_at`, before which the request may not go out, `slot_until`, after which it
-- may not, and what it takes of each limit, in the order of the limits given. Where fewer are
-- granted, a last row without a slot says after how long one would be free, and which limit has
-- the last word; without a wait where that depends on other requests. Where the limits are not
-- those that the caller knows, the one row has no reason either.
--
-- The slots that are used under a limit lie at least its spacing apart, whoever got them, and each
-- request goes out within a known time after its slot: so every window holds as many as the limit
-- allows. What was granted to a process that died is not granted again.
CREATE FUNCTION backfill.grant_slots(p_source int, p_revision int, p_limits int[],
  p_buckets text[], p_costs bigint[], p_count int, p_horizon bigint, p_lease bigint)
RETURNS TABLE (now_at bigint, slot_at bigint, slot_until bigint, slots bigint[],
  ordinals bigint[], holders bigint[], wait bigint, reason text)
LANGUAGE plpgsql
SET jit = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_variable
DECLARE
  -- Around midnight nobody knows to which day the source counts a request.
  twilight CONSTANT bigint := 2000000;
  count_limits int := cardinality(p_limits);
  places int[];
  states backfill.request_schedule[];
  limits backfill.request_limit[];
  one record;
  budget record;
  i int;
  n int := 0;
  granted int := 0;
  room bigint := p_count;
  at bigint;
  before bigint;
  candidate bigint;
  slot bigint;
  older bigint;
  horizon bigint;
  last_word text;
  full_limit text;
BEGIN
  INSERT INTO backfill.request_schedule (limit_id, bucket)
    SELECT l.id, given.bucket
      FROM unnest(p_limits, p_buckets) AS given(id, bucket)
      JOIN backfill.request_limit l ON l.id = given.id AND l.source_id = p_source
      WHERE NOT EXISTS (SELECT FROM backfill.request_schedule s
        WHERE s.limit_id = given.id AND s.bucket = given.bucket)
      ORDER BY l.id, given.bucket
    ON CONFLICT DO NOTHING;
  FOR one IN
    SELECT s AS state, l AS limit_row, given.place::int AS place
      FROM unnest(p_limits, p_buckets) WITH ORDINALITY AS given(id, bucket, place)
      JOIN backfill.request_schedule s ON s.limit_id = given.id AND s.bucket = given.bucket
      JOIN backfill.request_limit l ON l.id = s.limit_id AND l.source_id = p_source
      ORDER BY s.limit_id, s.bucket
      FOR NO KEY UPDATE OF s
  LOOP
    n := n + 1;
    states[one.place] := one.state;
    limits[one.place] := one.limit_row;
  END LOOP;
  -- Read under the locks: what was held or changed before them is known.
  SELECT b.revision, b.held_until INTO budget
    FROM backfill.request_budget b WHERE b.source_id = p_source;
  now_at := backfill.microseconds(clock_timestamp());
  IF n < count_limits OR budget.revision IS DISTINCT FROM p_revision THEN
    RETURN NEXT;
    RETURN;
  END IF;

  FOR i IN 1..n LOOP
    IF limits[i].kind = 'concurrent' THEN
      DELETE FROM backfill.request_holder h
        WHERE h.limit_id = p_limits[i] AND h.bucket = p_buckets[i] AND h.expires_at <= now_at;
      SELECT limits[i].capacity - count(*) INTO candidate FROM backfill.request_holder h
        WHERE h.limit_id = p_limits[i] AND h.bucket = p_buckets[i];
      IF candidate < room THEN
        room := candidate;
        full_limit := limits[i].name;
      END IF;
    ELSIF limits[i].kind IN ('paced', 'metered') THEN
      limits[i].spacing := greatest(limits[i].spacing, states[i].slower);
      -- Time that passed unused is gone, but for the slack.
      states[i].free := ARRAY(SELECT f FROM unnest(states[i].free) AS f
        WHERE f >= now_at - limits[i].slack ORDER BY f);
    END IF;
  END LOOP;

  horizon := now_at + p_horizon;
  at := greatest(now_at, backfill.microseconds(budget.held_until));
  IF at > now_at THEN
    last_word := '';
  END IF;
  WHILE granted < least(room, p_count) LOOP
    -- The first time from here on that suits all of the limits.
    LOOP
      before := at;
      FOR i IN 1..n LOOP
        candidate := greatest(at, states[i].held_until);
        IF states[i].quota_left < p_costs[i] AND candidate < states[i].quota_until THEN
          candidate := states[i].quota_until;
        END IF;
        IF limits[i].kind IN ('paced', 'metered') THEN
          IF states[i].next_at + (p_costs[i] - 1) * limits[i].spacing > candidate THEN
            slot := states[i].next_at + (p_costs[i] - 1) * limits[i].spacing;
            IF cardinality(states[i].free) > 0 THEN
              -- Later than now, or older by the slack at most.
              SELECT min(f) INTO older
                FROM unnest(states[i].free) AS f WHERE f >= candidate - limits[i].slack;
              IF older IS NOT NULL THEN
                slot := least(slot, greatest(candidate, older));
              END IF;
            END IF;
            candidate := slot;
          END IF;
        ELSIF limits[i].kind = 'daily' THEN
          IF candidate < states[i].day_ends + twilight / 2
            AND (candidate > states[i].day_ends - twilight
              OR states[i].day_used >= limits[i].capacity)
          THEN
            candidate := states[i].day_ends + twilight / 2;
          END IF;
        END IF;
        IF candidate > at THEN
          at := candidate;
          last_word := limits[i].name;
        END IF;
      END LOOP;
      EXIT WHEN at = before;
    END LOOP;
    EXIT WHEN at > horizon;

    -- It is taken of each.
    slot_at := at;
    slot_until := 9223372036854775807;
    slots := '{}';
    ordinals := '{}';
    holders := '{}';
    FOR i IN 1..n LOOP
      slot := at;
      candidate := NULL;
      IF limits[i].kind IN ('paced', 'metered') THEN
        SELECT min(f) INTO candidate FROM unnest(states[i].free) AS f
          WHERE f BETWEEN at - limits[i].slack AND at;
        IF candidate IS NOT NULL THEN
          slot := candidate;
          states[i].free := array_remove(states[i].free, slot);
        ELSE
          slot := least(greatest(states[i].next_at, at - limits[i].slack),
            at - (p_costs[i] - 1) * limits[i].spacing);
          IF limits[i].kind = 'paced' THEN
            -- What is passed over, because another limit comes later, stays for others.
            candidate := greatest(states[i].next_at, now_at - limits[i].slack);
            IF candidate + limits[i].spacing <= slot THEN
              states[i].free := states[i].free || ARRAY(
                SELECT f FROM generate_series(candidate, slot - limits[i].spacing,
                  limits[i].spacing) AS f LIMIT 1000);
            END IF;
          END IF;
          states[i].next_at := slot + p_costs[i] * limits[i].spacing;
        END IF;
        slot_until := least(slot_until, greatest(slot + limits[i].slack, at) + limits[i].lateness);
      ELSIF limits[i].kind = 'daily' THEN
        IF at >= states[i].day_ends THEN
          states[i].day_ends := backfill.day_end(at, limits[i].zone);
          states[i].day_used := 0;
          -- The first request of all may fall into the twilight; from then on none does.
        END IF;
        states[i].day_used := states[i].day_used + 1;
        slot_until := least(slot_until, at + twilight / 2);
      END IF;
      IF at < states[i].quota_until THEN
        states[i].quota_left := states[i].quota_left - p_costs[i];
      END IF;
      states[i].granted := states[i].granted + p_costs[i];
      slots := slots || slot;
      ordinals := ordinals || states[i].granted;
      IF limits[i].kind = 'concurrent' THEN
        INSERT INTO backfill.request_holder (limit_id, bucket, expires_at)
          VALUES (p_limits[i], p_buckets[i], at + p_lease)
          RETURNING id INTO candidate;
        holders := holders || candidate;
        slot_until := least(slot_until, at + p_lease / 2);
      END IF;
    END LOOP;
    granted := granted + 1;
    RETURN NEXT;
  END LOOP;

  IF granted > 0 THEN
    FOR i IN 1..n LOOP
      UPDATE backfill.request_schedule s
        SET next_at = states[i].next_at, free = states[i].free, granted = states[i].granted,
          quota_left = states[i].quota_left, day_used = states[i].day_used,
          day_ends = states[i].day_ends
        WHERE s.limit_id = p_limits[i] AND s.bucket = p_buckets[i];
    END LOOP;
  END IF;
  IF granted < p_count THEN
    slot_at := NULL;
    slot_until := NULL;
    slots := NULL;
    ordinals := NULL;
    holders := NULL;
    IF granted < room THEN
      wait := at - now_at;
      reason := last_word;
    ELSE
      reason := full_limit;
    END IF;
    RETURN NEXT;
  END IF;
END $$;

-- Takes back what was granted and not used: slots that still lie ahead are granted again, points
-- and places of a day at once, requests under way no longer are.
CREATE FUNCTION backfill.give_back_slots(p_limits int[], p_buckets text[], p_slots bigint[],
  p_costs bigint[], p_holders bigint[]) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
  now_at bigint;
  one record;
BEGIN
  DELETE FROM backfill.request_holder h WHERE h.id = ANY (p_holders);
  FOR one IN
    SELECT s.limit_id, s.bucket, l.kind, l.spacing, given.slots, given.cost
      FROM (
        SELECT g.limit_id, g.bucket, array_agg(g.slot) AS slots, sum(g.cost)::bigint AS cost
          FROM unnest(p_limits, p_buckets, p_slots, p_costs) AS g(limit_id, bucket, slot, cost)
          GROUP BY g.limit_id, g.bucket
      ) AS given
      JOIN backfill.request_schedule s
        ON s.limit_id = given.limit_id AND s.bucket = given.bucket
      JOIN backfill.request_limit l ON l.id = s.limit_id
      ORDER BY s.limit_id, s.bucket
      FOR NO KEY UPDATE OF s
  LOOP
    now_at := backfill.microseconds(clock_timestamp());
    UPDATE backfill.request_schedule s
      SET free = CASE WHEN one.kind = 'paced' AND cardinality(s.free) < 1000
          THEN s.free || ARRAY(SELECT f FROM unnest(one.slots) AS f WHERE f > now_at)
          ELSE s.free END,
        next_at = CASE WHEN one.kind = 'metered' THEN s.next_at - one.cost * one.spacing
          ELSE s.next_at END,
        day_used = CASE WHEN one.kind = 'daily'
          THEN s.day_used - (SELECT count(*) FROM unnest(one.slots) AS f
            WHERE f > s.day_ends - 79200000000)
          ELSE s.day_used END,
        quota_left = s.quota_left + CASE WHEN now_at < s.quota_until THEN one.cost ELSE 0 END
      WHERE s.limit_id = one.limit_id AND s.bucket = one.bucket;
  END LOOP;
END $$;

-- Notes what an answer said about a limit; it only ever lowers what is granted. What was granted
-- after the request that it answers (`p_ordinal`) the source may not have counted yet.
-- `p_available` is what could be asked at once, `p_left` what may be asked within `p_left_for`,
-- `p_slower` the spacing that follows from the limit that the source names, zero for none.
CREATE FUNCTION backfill.lower_budget(p_limit int, p_bucket text, p_ordinal bigint,
  p_available bigint, p_left bigint, p_left_for bigint, p_slower bigint) RETURNS void
LANGUAGE sql
AS $$
  UPDATE backfill.request_schedule s
    SET free = CASE WHEN p_available IS NULL THEN s.free ELSE '{}' END,
      next_at = CASE WHEN p_available IS NULL THEN s.next_at
        ELSE greatest(s.next_at, t.now_at
          - (p_available - (s.granted - p_ordinal) - 1) * greatest(l.spacing, s.slower)) END,
      quota_left = CASE WHEN p_left IS NULL THEN s.quota_left
        WHEN s.quota_until > t.now_at
          THEN least(s.quota_left, p_left - (s.granted - p_ordinal))
        ELSE p_left - (s.granted - p_ordinal) END,
      quota_until = CASE WHEN p_left IS NULL THEN s.quota_until
        ELSE greatest(s.quota_until, t.now_at + p_left_for) END,
      slower = coalesce(p_slower, s.slower)
    FROM backfill.request_limit l, (SELECT backfill.microseconds(clock_timestamp()) AS now_at) AS t
    WHERE s.limit_id = p_limit AND s.bucket = p_bucket AND l.id = s.limit_id
$$;

-- Lets nothing be granted for so long: under some limits, or, where none are named, to the source
-- at all, of which then no partition is claimed either. A longer hold that is noted already stays.
-- Every process hears of it.
CREATE FUNCTION backfill.hold_requests(p_source int, p_limits int[], p_buckets text[],
  p_for bigint, p_reason text) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
  now_at bigint := backfill.microseconds(clock_timestamp());
  one record;
BEGIN
  IF cardinality(p_limits) = 0 THEN
    UPDATE backfill.request_budget b
      SET held_until = to_timestamp((now_at + p_for) / 1000000.0), held_reason = p_reason
      WHERE b.source_id = p_source
        AND (b.held_until IS NULL OR backfill.microseconds(b.held_until) < now_at + p_for);
  END IF;
  FOR one IN
    SELECT s.limit_id, s.bucket
      FROM unnest(p_limits, p_buckets) AS given(id, bucket)
      JOIN backfill.request_schedule s ON s.limit_id = given.id AND s.bucket = given.bucket
      ORDER BY s.limit_id, s.bucket
      FOR NO KEY UPDATE OF s
  LOOP
    UPDATE backfill.request_schedule s SET held_until = greatest(s.held_until, now_at + p_for)
      WHERE s.limit_id = one.limit_id AND s.bucket = one.bucket;
  END LOOP;
  PERFORM pg_notify('backfill_budget', p_source::text);
END $$;
