-- Proof: what of the store was compared with its source, and what differed.
-- breaking: yes

-- A verifying backfill compares what another has loaded with the source. `verify_by` of a load says
-- that it is verified when it ends, and by how many of its partitions at once; 0 is all in one pass.
ALTER TABLE backfill.backfill DROP CONSTRAINT backfill_mode_known,
  ADD COLUMN verifies bigint,
  ADD COLUMN verify_by int,
  ADD CONSTRAINT backfill_mode_known CHECK (mode IN ('load', 'redrive', 'verify')),
  ADD CONSTRAINT backfill_verifies_another CHECK ((mode = 'verify') = (verifies IS NOT NULL)),
  ADD CONSTRAINT backfill_verify_by_positive CHECK (verify_by >= 0);
CREATE INDEX backfill_by_verified ON backfill.backfill (verifies, id) WHERE verifies IS NOT NULL;

ALTER TABLE backfill.partition
  ADD CONSTRAINT partition_verified_succeeded CHECK (verified_at IS NULL OR state = 'succeeded');

CREATE INDEX partition_verified ON backfill.partition (backfill_id, from_at)
  WHERE verified_at IS NOT NULL;

ALTER TABLE backfill.tally ADD COLUMN verified int NOT NULL DEFAULT 0;

-- By when it happened documents are looked for only to verify, and mostly lie where their
-- neighbours in time lie: so an index of ranges, which costs a load next to nothing.
CREATE INDEX document_by_time ON backfill.document USING brin (event_at)
  WITH (pages_per_range = 32, autosummarize = on);

-- Whether a record that cannot be taken was kept as a rejection before.
CREATE INDEX rejection_by_key ON backfill.rejection (stream_id, key) WHERE key IS NOT NULL;
CREATE INDEX rejection_by_record ON backfill.rejection (stream_id, sha256(record));

-- Documents that the source no longer has. They stay as they are; one that comes again leaves this
-- table.
CREATE TABLE backfill.gone (
  stream_id  int NOT NULL,
  found_by   bigint NOT NULL,
  event_at   timestamptz NOT NULL,
  found_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  key        text COLLATE "C" NOT NULL,
  measures   text,
  CONSTRAINT gone_pkey PRIMARY KEY (stream_id, key)
);

-- What comes again is not gone, whatever became of it. Every known key that a batch brings stands
-- among its keys, which are written in the transaction of the batch.
CREATE FUNCTION backfill.return_gone() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  stream int;
BEGIN
  SELECT b.stream_id INTO stream FROM backfill.backfill b WHERE b.id = NEW.backfill_id;
  IF EXISTS (SELECT FROM backfill.gone g WHERE g.stream_id = stream) THEN
    DELETE FROM backfill.gone g WHERE g.stream_id = stream AND g.key = ANY (NEW.keys);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER batch_keys_return_gone AFTER INSERT ON backfill.batch_keys
  FOR EACH ROW WHEN (NEW.outcome IN ('unchanged', 'versioned', 'kept', 'stale'))
  EXECUTE FUNCTION backfill.return_gone();

-- What a verifying partition has listed so far, and how the store stands to it; removed when the
-- partition ends. `hash` is there of what may have to be judged again.
CREATE TABLE backfill.verify_key (
  backfill_id      bigint NOT NULL,
  number           int NOT NULL,
  is_rejected      boolean NOT NULL,
  event_at         timestamptz NOT NULL,
  standing         text NOT NULL,
  verdict          text,
  key              text COLLATE "C" NOT NULL,
  hash             bytea,
  source_measures  text,
  store_measures   text,
  CONSTRAINT verify_key_pkey PRIMARY KEY (backfill_id, number, key, is_rejected),
  CONSTRAINT verify_key_standing_known CHECK (standing IN ('same', 'other', 'older', 'absent',
    'unlisted', 'refused', 'unrefused', 'broken', 'unsettled'))
);
CREATE INDEX verify_key_suspect ON backfill.verify_key (backfill_id, number, key, is_rejected)
  WHERE standing <> 'same';
CREATE INDEX verify_key_elsewhere ON backfill.verify_key (backfill_id, key)
  WHERE standing IN ('other', 'older');

-- What the comparison of one partition came to: one row per verification and partition compared.
CREATE TABLE backfill.proof (
  verification     bigint NOT NULL,
  verifier         int NOT NULL,
  backfill_id      bigint NOT NULL,
  number           int NOT NULL,
  from_at          timestamptz NOT NULL,
  to_at            timestamptz NOT NULL,
  proved_at        timestamptz NOT NULL,
  source_records   bigint NOT NULL,
  store_records    bigint NOT NULL,
  missing          bigint NOT NULL DEFAULT 0,
  gone             bigint NOT NULL DEFAULT 0,
  different        bigint NOT NULL DEFAULT 0,
  kept             bigint NOT NULL DEFAULT 0,
  stale            bigint NOT NULL DEFAULT 0,
  moved            bigint NOT NULL DEFAULT 0,
  refused          bigint NOT NULL DEFAULT 0,
  unsettled        bigint NOT NULL DEFAULT 0,
  is_equal         boolean NOT NULL,
  method           text NOT NULL,
  CONSTRAINT proof_pkey PRIMARY KEY (verification, number),
  CONSTRAINT proof_method_known CHECK (method IN ('totals', 'listing'))
);
CREATE INDEX proof_of_partition ON backfill.proof (backfill_id, number, verification);

-- The sums of both sides by day. `store_amount` is null where documents were written meanwhile, so
-- that there is nothing to compare. `explained` is what the verdicts on single records account for.
CREATE TABLE backfill.proof_sum (
  verification    bigint NOT NULL,
  verifier        int NOT NULL,
  day             date NOT NULL,
  name            text NOT NULL,
  currency        text NOT NULL,
  source_amount   numeric NOT NULL DEFAULT 0,
  source_records  bigint NOT NULL DEFAULT 0,
  store_amount    numeric,
  store_records   bigint,
  is_equal        boolean,
  CONSTRAINT proof_sum_pkey PRIMARY KEY (verification, verifier, day, name, currency)
);

-- The records that differ, the first of each verifying partition; how many there are in all stands
-- in `proof`.
CREATE TABLE backfill.proof_difference (
  verification     bigint NOT NULL,
  verifier         int NOT NULL,
  event_at         timestamptz NOT NULL,
  verdict          text NOT NULL,
  key              text COLLATE "C" NOT NULL,
  source_measures  text,
  store_measures   text,
  CONSTRAINT proof_difference_pkey PRIMARY KEY (verification, verifier, key, verdict)
);

ALTER TABLE backfill.subscription DROP CONSTRAINT subscription_events_known,
  ADD CONSTRAINT subscription_events_known CHECK (cardinality(events) > 0
    AND events <@ ARRAY['finished', 'finished_with_failures', 'partition_failed', 'blocked',
      'verified', 'difference_found']);
ALTER TABLE backfill.notice DROP CONSTRAINT notice_kind_known,
  ADD CONSTRAINT notice_kind_known CHECK (kind IN ('finished', 'finished_with_failures',
    'partition_failed', 'blocked', 'verified', 'difference_found', 'test'));

-- Begins to verify a partition, or begins anew: what an earlier beginning left is removed. Gives the
-- mark: the last batch that was given a number so far; null where the caller holds it no more.
CREATE FUNCTION backfill.begin_verification(p_backfill bigint, p_number int, p_fence bigint)
RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM backfill.partition p
    WHERE p.backfill_id = p_backfill AND p.number = p_number AND p.fence = p_fence
      AND p.state = 'running'
    FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  DELETE FROM backfill.verify_key k WHERE k.backfill_id = p_backfill AND k.number = p_number;
  DELETE FROM backfill.proof_sum s WHERE s.verification = p_backfill AND s.verifier = p_number;
  RETURN (SELECT CASE WHEN q.is_called THEN q.last_value ELSE 0 END FROM backfill.batch_id q);
END $$;

-- Judges, as a commit does, whether the caller may write the next batch of a partition; the caller
-- holds its row lock afterwards.
CREATE FUNCTION backfill.judge_batch(
  p_backfill bigint, p_number int, p_fence bigint, p_sequence int,
  OUT status text, OUT part backfill.partition)
LANGUAGE plpgsql AS $$
BEGIN
  SELECT p.* INTO part
    FROM backfill.partition p
    WHERE p.backfill_id = p_backfill AND p.number = p_number
    FOR NO KEY UPDATE;
  status := CASE
    WHEN part.fence IS NULL OR part.fence IS DISTINCT FROM p_fence THEN 'fenced'
    WHEN part.batch_sequence = p_sequence THEN 'repeated'
    WHEN part.state IS DISTINCT FROM 'running' OR part.batch_sequence <> p_sequence - 1
      THEN 'fenced'
    WHEN part.lease_until <= clock_timestamp() THEN 'expired'
    ELSE 'committed' END;
END $$;

-- Writes what every batch of a verifying partition leaves: its checkpoint, its counters, its witness.
-- `p_counts` are read, unchanged, kept, stale, duplicate, rejected, outside.
CREATE FUNCTION backfill.note_verified_batch(
  part backfill.partition, p_sequence int, header jsonb, p_counts int[], p_ends boolean)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  now_at timestamptz := clock_timestamp();
  requested int := (header->>'requests')::int;
BEGIN
  UPDATE backfill.partition p
    SET state = CASE WHEN p_ends THEN 'succeeded' ELSE 'running' END,
      batch_sequence = p_sequence,
      checkpoint = header->>'cursor_to',
      lease_until = now_at + make_interval(secs => (header->>'lease')::float8),
      finished_at = CASE WHEN p_ends THEN now_at END,
      kind = NULL, message = NULL,
      read = p.read + p_counts[1], unchanged = p.unchanged + p_counts[2],
      kept = p.kept + p_counts[3], stale = p.stale + p_counts[4],
      duplicate = p.duplicate + p_counts[5], rejected = p.rejected + p_counts[6],
      outside = p.outside + p_counts[7], requests = p.requests + requested
    WHERE p.backfill_id = part.backfill_id AND p.number = part.number;
  IF p_ends THEN
    INSERT INTO backfill.attempt (backfill_id, number, attempt, batches, fence, worker_id,
        started_at, ended_at, outcome)
      VALUES (part.backfill_id, part.number, part.attempts, p_sequence - part.attempt_sequence,
        part.fence, part.worker_id, part.claimed_at, now_at, 'succeeded');
  END IF;
  INSERT INTO backfill.tally (backfill_id, batch_number, batch_sequence, committed_at, succeeded,
      read, unchanged, kept, stale, duplicate, rejected, outside, requests)
    VALUES (part.backfill_id, part.number, p_sequence, now_at, p_ends::int, p_counts[1],
      p_counts[2], p_counts[3], p_counts[4], p_counts[5], p_counts[6], p_counts[7], requested);
  INSERT INTO backfill.batch (id, backfill_id, number, sequence, fence, worker_id, committed_at,
      pages, requests, read, inserted, versioned, unchanged, kept, stale, duplicate, rejected,
      outside, cursor_from, cursor_to)
    VALUES (nextval('backfill.batch_id'), part.backfill_id, part.number, p_sequence, part.fence,
      part.worker_id, now_at, coalesce((header->>'pages')::int, 0), requested, p_counts[1], 0, 0,
      p_counts[2], p_counts[3], p_counts[4], p_counts[5], p_counts[6], p_counts[7],
      part.checkpoint, header->>'cursor_to');
END $$;

-- Adds to the sums of a verification what the source's records amount to.
CREATE FUNCTION backfill.add_source_sums(p_verification bigint, p_verifier int, sums jsonb)
RETURNS void
LANGUAGE sql AS $$
  INSERT INTO backfill.proof_sum AS known (verification, verifier, day, name, currency,
      source_amount, source_records)
    SELECT p_verification, p_verifier, (m->>1)::date, m->>0, m->>2, (m->>3)::numeric,
        (m->>4)::bigint
      FROM jsonb_array_elements(sums) AS m
    ON CONFLICT (verification, verifier, day, name, currency) DO UPDATE
      SET source_amount = known.source_amount + excluded.source_amount,
        source_records = known.source_records + excluded.source_records
$$;

-- Takes a batch of what a verifying partition read again, staged as for a commit, and notes of each
-- record how the store stands to it. Documents are only looked at. With the last page it also notes
-- the documents of the window that were not listed, and adds up the store's side.
--
-- A document of a batch beyond `mark` was written after the verification began: it is not judged.
CREATE FUNCTION backfill.commit_listing(
  p_backfill bigint, p_number int, p_fence bigint, p_sequence int,
  OUT status text, OUT inserted int, OUT versioned int, OUT unchanged int, OUT kept int,
  OUT stale int, OUT duplicate int, OUT rejected int, OUT outside int, OUT state text)
LANGUAGE plpgsql
SET jit = off SET enable_seqscan = off SET enable_bitmapscan = on
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  judged record;
  part backfill.partition;
  header jsonb;
  stream int;
  exclude jsonb;
  mark bigint;
  listed int;
  absent int;
  twice int;
  sums jsonb;
BEGIN
  SELECT j.* INTO judged
    FROM backfill.judge_batch(p_backfill, p_number, p_fence, p_sequence) AS j;
  status := judged.status;
  part := judged.part;
  IF status <> 'committed' THEN
    RETURN;
  END IF;
  SELECT s.payload::jsonb INTO STRICT header FROM pg_temp.stage s WHERE s.kind = 'h' LIMIT 1;
  stream := (header->>'stream')::int;
  exclude := header->'exclude';
  mark := (header->>'mark')::bigint;

  WITH found AS MATERIALIZED (
    SELECT s.key, s.event_at, s.measures, s.bytes, d.event_at AS stored_at,
        d.measures AS stored_measures,
        s.event_at >= part.from_at AND s.event_at < part.to_at AS is_inside,
        CASE
          WHEN d.payload_hash IS NULL THEN 'absent'
          WHEN d.payload_hash = s.bytes THEN 'same'
          WHEN backfill.comparable(s.payload, exclude)
            = backfill.comparable(d.payload, exclude) THEN 'same'
          WHEN s.source_version < d.source_version THEN 'older'
          ELSE 'other' END AS standing
      FROM pg_temp.stage s
      LEFT JOIN LATERAL (
        SELECT * FROM backfill.document d
          WHERE d.stream_id = stream AND d.key = s.key OFFSET 0
      ) AS d ON true
      WHERE s.kind = 'd'
  ), taken AS (
    -- Of what lies outside it only matters what the store still has inside.
    INSERT INTO backfill.verify_key (backfill_id, number, is_rejected, event_at, standing, key,
        hash, source_measures, store_measures)
      SELECT p_backfill, p_number, false, CASE WHEN f.is_inside THEN f.event_at ELSE f.stored_at END,
          f.standing, f.key, CASE WHEN f.standing <> 'same' THEN f.bytes END,
          CASE WHEN f.standing <> 'same' AND f.is_inside THEN f.measures END,
          CASE WHEN f.standing <> 'same' AND f.stored_at >= part.from_at
            AND f.stored_at < part.to_at THEN f.stored_measures END
        FROM found f
        WHERE f.is_inside OR (f.stored_at >= part.from_at AND f.stored_at < part.to_at)
        ORDER BY f.key COLLATE "C"
      ON CONFLICT DO NOTHING
      RETURNING key, standing
  )
  SELECT count(*), count(*) FILTER (WHERE t.standing = 'same'),
      count(*) FILTER (WHERE t.standing = 'other'), count(*) FILTER (WHERE t.standing = 'older'),
      count(*) FILTER (WHERE t.standing = 'absent'),
      backfill.sum_measures(array_agg(f.measures) FILTER (WHERE f.is_inside),
        array_agg(1) FILTER (WHERE f.is_inside)),
      (SELECT count(*) FROM found WHERE NOT is_inside
        AND (stored_at IS NULL OR stored_at < part.from_at OR stored_at >= part.to_at))
    INTO listed, unchanged, kept, stale, absent, sums, outside
    FROM taken t JOIN found f ON f.key = t.key;
  IF sums IS NOT NULL THEN
    PERFORM backfill.add_source_sums(p_backfill, p_number, sums);
  END IF;
  twice := (SELECT count(*) FROM pg_temp.stage s WHERE s.kind = 'd') - listed - outside;

  WITH taken AS (
    INSERT INTO backfill.verify_key (backfill_id, number, is_rejected, event_at, standing, key,
        store_measures)
      SELECT p_backfill, p_number, true, coalesce(s.event_at, part.from_at), CASE
          WHEN EXISTS (SELECT FROM backfill.rejection r
            WHERE r.stream_id = stream AND r.key = s.key) THEN 'refused'
          WHEN EXISTS (SELECT FROM backfill.rejection r
            WHERE r.stream_id = stream AND sha256(r.record) = sha256(s.bytes)) THEN 'refused'
          WHEN EXISTS (SELECT FROM backfill.document d
            WHERE d.stream_id = stream AND d.key = s.key) THEN 'broken'
          ELSE 'unrefused' END,
          coalesce(s.key, 'sha256:' || encode(sha256(s.bytes), 'hex')),
          (SELECT d.measures FROM backfill.document d
            WHERE d.stream_id = stream AND d.key = s.key AND d.event_at >= part.from_at
              AND d.event_at < part.to_at)
        FROM pg_temp.stage s
        WHERE s.kind = 'r' AND (s.event_at IS NULL
          OR (s.event_at >= part.from_at AND s.event_at < part.to_at))
      ON CONFLICT DO NOTHING
      RETURNING key
  )
  SELECT count(*) INTO rejected FROM taken;
  outside := outside + (SELECT count(*) FROM pg_temp.stage s
    WHERE s.kind = 'r' AND (s.event_at < part.from_at OR s.event_at >= part.to_at));
  duplicate := (header->>'duplicate')::int + twice;
  inserted := 0;
  versioned := 0;

  IF EXISTS (SELECT FROM backfill.gone g WHERE g.stream_id = stream) THEN
    DELETE FROM backfill.gone g USING pg_temp.stage s
      WHERE s.kind = 'd' AND g.stream_id = stream AND g.key = s.key;
  END IF;

  IF (header->>'is_last')::boolean THEN
    WITH stored AS MATERIALIZED (
      SELECT d.key, d.event_at, d.measures, d.batch_id > mark AS is_new,
          EXISTS (SELECT FROM backfill.verify_key v WHERE v.backfill_id = p_backfill
            AND v.number = p_number AND v.key = d.key) AS is_listed
        FROM backfill.document d
        WHERE d.stream_id = stream AND d.event_at >= part.from_at AND d.event_at < part.to_at
          AND NOT EXISTS (SELECT FROM backfill.gone g
            WHERE g.stream_id = stream AND g.key = d.key)
    ), unlisted AS (
      INSERT INTO backfill.verify_key (backfill_id, number, is_rejected, event_at, standing, key,
          store_measures)
        SELECT p_backfill, p_number, false, s.event_at,
            CASE WHEN s.is_new THEN 'unsettled' ELSE 'unlisted' END, s.key, s.measures
          FROM stored s
          WHERE NOT s.is_listed
    ), unsettled AS (
      UPDATE backfill.verify_key v SET standing = 'unsettled'
        FROM stored s
        WHERE s.is_new AND s.is_listed AND v.backfill_id = p_backfill AND v.number = p_number
          AND v.key = s.key AND NOT v.is_rejected AND v.standing <> 'same'
    ), sums AS (
      SELECT e->>0 AS name, (e->>1)::date AS day, e->>2 AS currency,
          sum((e->>3)::numeric) AS amount, count(*) AS records
        FROM stored s, jsonb_array_elements(s.measures::jsonb) AS e
        WHERE NOT (SELECT coalesce(bool_or(is_new), false) FROM stored)
        GROUP BY 1, 2, 3
    )
    INSERT INTO backfill.proof_sum (verification, verifier, day, name, currency, store_amount,
        store_records)
      SELECT p_backfill, p_number, day, name, currency, amount, records FROM sums
      ON CONFLICT (verification, verifier, day, name, currency) DO UPDATE
        SET store_amount = excluded.store_amount, store_records = excluded.store_records;
  END IF;

  PERFORM backfill.note_verified_batch(part, p_sequence, header,
    ARRAY[unchanged + kept + stale + duplicate + rejected + outside, unchanged, kept, stale,
      duplicate, rejected, outside], false);
  state := 'running';
END $$;

-- Takes the verdicts on some of what did not stand as it should. What the source no longer has is
-- marked gone.
CREATE FUNCTION backfill.commit_verdicts(
  p_backfill bigint, p_number int, p_fence bigint, p_sequence int, p_header text,
  p_keys text[], p_rejected boolean[], p_verdicts text[])
RETURNS text
LANGUAGE plpgsql
SET jit = off SET enable_seqscan = off SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  judged record;
  part backfill.partition;
  header jsonb;
  status text;
BEGIN
  SELECT j.* INTO judged
    FROM backfill.judge_batch(p_backfill, p_number, p_fence, p_sequence) AS j;
  status := judged.status;
  part := judged.part;
  IF status <> 'committed' THEN
    RETURN status;
  END IF;
  header := p_header::jsonb;
  UPDATE backfill.verify_key v SET verdict = i.verdict
    FROM unnest(p_keys, p_rejected, p_verdicts) AS i(key, is_rejected, verdict)
    WHERE v.backfill_id = p_backfill AND v.number = p_number AND v.key = i.key COLLATE "C"
      AND v.is_rejected = i.is_rejected;
  INSERT INTO backfill.gone (stream_id, found_by, event_at, key, measures)
    SELECT d.stream_id, p_backfill, d.event_at, d.key, d.measures
      FROM unnest(p_keys, p_verdicts) AS i(key, verdict)
      JOIN backfill.document d ON d.stream_id = (header->>'stream')::int
        AND d.key = i.key COLLATE "C"
      WHERE i.verdict = 'gone'
      ORDER BY d.key
    ON CONFLICT DO NOTHING;
  PERFORM backfill.note_verified_batch(
    part, p_sequence, header, ARRAY[0, 0, 0, 0, 0, 0, 0], false);
  RETURN 'committed';
END $$;

-- Ends a verifying partition: writes what the comparison came to for each partition of the backfill
-- that it verifies, and makes those verified that are equal. What was listed is removed.
--
-- `p_unequal` says whether sums differ that no single record explains; then nothing of the window is
-- verified. With the method `totals` nothing was listed, and the header has the source's numbers.
CREATE FUNCTION backfill.conclude_verification(
  p_backfill bigint, p_number int, p_fence bigint, p_sequence int, p_header text)
RETURNS text
LANGUAGE plpgsql
SET jit = off SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  judged record;
  part backfill.partition;
  header jsonb;
  target bigint;
  of_stream int;
  status text;
BEGIN
  SELECT j.* INTO judged
    FROM backfill.judge_batch(p_backfill, p_number, p_fence, p_sequence) AS j;
  status := judged.status;
  part := judged.part;
  IF status <> 'committed' THEN
    RETURN status;
  END IF;
  header := p_header::jsonb;
  SELECT b.verifies, b.stream_id INTO STRICT target, of_stream
    FROM backfill.backfill b WHERE b.id = p_backfill;

  -- Records and beginnings of partitions in one order of time: each record belongs to the last that
  -- began before it.
  WITH verified AS MATERIALIZED (
    SELECT p.number, p.from_at, p.to_at, row_number() OVER (ORDER BY p.from_at) AS place
      FROM backfill.partition p
      WHERE p.backfill_id = target AND p.state = 'succeeded' AND p.from_at >= part.from_at
        AND p.to_at <= part.to_at
  ), placed AS (
    SELECT count(*) FILTER (WHERE e.turn = 0)
          OVER (ORDER BY e.at, e.turn ROWS UNBOUNDED PRECEDING) AS place,
        e.at, e.standing, e.verdict, e.turn
      FROM (
        SELECT v.from_at AS at, 0 AS turn, NULL AS standing, NULL AS verdict FROM verified v
        UNION ALL
        SELECT k.event_at, 1, k.standing, coalesce(k.verdict, 'equal')
          FROM backfill.verify_key k
          WHERE k.backfill_id = p_backfill AND k.number = p_number
      ) AS e
  ), counted AS (
    SELECT v.number, count(*) FILTER (WHERE p.standing <> 'unlisted') AS source_records,
        count(*) FILTER (WHERE p.standing NOT IN ('absent', 'refused', 'unrefused')) AS store_records,
        count(*) FILTER (WHERE p.verdict = 'missing') AS missing,
        count(*) FILTER (WHERE p.verdict = 'gone') AS gone,
        count(*) FILTER (WHERE p.verdict = 'different') AS different,
        count(*) FILTER (WHERE p.verdict = 'kept') AS kept,
        count(*) FILTER (WHERE p.verdict = 'stale') AS stale,
        count(*) FILTER (WHERE p.verdict = 'moved') AS moved,
        count(*) FILTER (WHERE p.verdict = 'refused') AS refused,
        count(*) FILTER (WHERE p.verdict = 'unsettled') AS unsettled
      FROM placed p JOIN verified v ON v.place = p.place AND p.at < v.to_at
      WHERE p.turn = 1 GROUP BY v.number
  )
  INSERT INTO backfill.proof (verification, verifier, backfill_id, number, from_at, to_at,
      proved_at, source_records, store_records, missing, gone, different, kept, stale, moved,
      refused, unsettled, is_equal, method)
    SELECT p_backfill, p_number, target, v.number, v.from_at, v.to_at, clock_timestamp(),
        coalesce((header->>'source_records')::bigint, c.source_records, 0),
        coalesce((header->>'store_records')::bigint, c.store_records, 0), coalesce(c.missing, 0),
        coalesce(c.gone, 0), coalesce(c.different, 0), coalesce(c.kept, 0), coalesce(c.stale, 0),
        coalesce(c.moved, 0), coalesce(c.refused, 0), coalesce(c.unsettled, 0),
        NOT (header->>'is_unequal')::boolean
          AND coalesce(c.missing + c.gone + c.different, 0) = 0,
        header->>'method'
      FROM verified v LEFT JOIN counted c ON c.number = v.number
    ON CONFLICT (verification, number) DO NOTHING;

  INSERT INTO backfill.proof_difference (verification, verifier, event_at, verdict, key,
      source_measures, store_measures)
    SELECT p_backfill, p_number, k.event_at, k.verdict, k.key, k.source_measures, k.store_measures
      FROM backfill.verify_key k
      WHERE k.backfill_id = p_backfill AND k.number = p_number
        AND k.verdict IN ('missing', 'gone', 'different')
        AND EXISTS (SELECT FROM backfill.proof p
          WHERE p.verification = p_backfill AND p.verifier = p_number
            AND k.event_at >= p.from_at AND k.event_at < p.to_at)
      ORDER BY k.key, k.verdict
      LIMIT 1000
    ON CONFLICT DO NOTHING;

  IF header->>'method' = 'totals' THEN
    INSERT INTO backfill.proof_sum (verification, verifier, day, name, currency, source_amount,
        source_records, store_amount, store_records, is_equal)
      SELECT p_backfill, p_number, (m->>1)::date, m->>0, m->>2, (m->>3)::numeric, 0,
          (m->>3)::numeric, 0, true
        FROM jsonb_array_elements(header->'sums') AS m
      ON CONFLICT DO NOTHING;
  ELSE
    UPDATE backfill.proof_sum s SET is_equal = NOT (header->'unequal_sums')
        @> jsonb_build_array(jsonb_build_array(s.name, s.day, s.currency))
      WHERE s.verification = p_backfill AND s.verifier = p_number AND s.store_amount IS NOT NULL;
  END IF;

  -- The evidence is about a stretch of time: it holds for whatever partition of the stream lies in
  -- it, and so for what was read in vain before it was repaired.
  WITH judged AS MATERIALIZED (
    SELECT range_agg(tstzrange(p.from_at, p.to_at)) FILTER (WHERE p.is_equal) AS good,
        range_agg(tstzrange(p.from_at, p.to_at)) FILTER (WHERE NOT p.is_equal) AS bad
      FROM backfill.proof p WHERE p.verification = p_backfill AND p.verifier = p_number
  ), chosen AS MATERIALIZED (
    SELECT p.backfill_id, p.number, p.verified_at IS NOT NULL AS was,
        coalesce(j.good @> tstzrange(p.from_at, p.to_at), false) AS is_good
      FROM judged j
      CROSS JOIN backfill.backfill b
      JOIN backfill.partition p ON p.backfill_id = b.id
      WHERE b.stream_id = of_stream AND b.mode = 'load' AND b.from_at < part.to_at
        AND b.to_at > part.from_at AND p.state = 'succeeded'
        AND (coalesce(j.good @> tstzrange(p.from_at, p.to_at), false)
          OR p.verified_at IS NOT NULL AND coalesce(j.bad && tstzrange(p.from_at, p.to_at), false))
      ORDER BY p.backfill_id, p.number
      FOR NO KEY UPDATE OF p
  ), marked AS (
    UPDATE backfill.partition p
      SET verified_at = CASE WHEN c.is_good THEN clock_timestamp() END
      FROM chosen c
      WHERE p.backfill_id = c.backfill_id AND p.number = c.number AND p.state = 'succeeded'
      RETURNING p.backfill_id, c.is_good::int - c.was::int AS change
  )
  INSERT INTO backfill.tally (backfill_id, committed_at, verified)
    SELECT m.backfill_id, clock_timestamp(), sum(m.change)
      FROM marked m GROUP BY m.backfill_id HAVING sum(m.change) <> 0;

  -- What was found with another payload may have moved here from a partition that is still to be
  -- judged; that is forgotten when the verification ends.
  DELETE FROM backfill.verify_key k
    WHERE k.backfill_id = p_backfill AND k.number = p_number
      AND k.standing NOT IN ('other', 'older');
  PERFORM backfill.note_verified_batch(
    part, p_sequence, header, ARRAY[0, 0, 0, 0, 0, 0, 0], true);
  RETURN 'committed';
END $$;

-- What the documents of a window come to, those marked gone left out: one row for their number, and
-- one for each measure and currency.
CREATE FUNCTION backfill.store_totals(p_stream int, p_from timestamptz, p_to timestamptz)
RETURNS TABLE (name text, currency text, amount text, records bigint)
LANGUAGE sql STABLE
SET jit = off SET enable_seqscan = off SET enable_bitmapscan = on
AS $$
  WITH stored AS MATERIALIZED (
    SELECT d.measures FROM backfill.document d
      WHERE d.stream_id = p_stream AND d.event_at >= p_from AND d.event_at < p_to
        AND NOT EXISTS (SELECT FROM backfill.gone g
          WHERE g.stream_id = p_stream AND g.key = d.key)
  )
  SELECT NULL, NULL, NULL, count(*) FROM stored
  UNION ALL
  SELECT e->>0, e->>2, sum((e->>3)::numeric)::text, count(*)
    FROM stored s, jsonb_array_elements(s.measures::jsonb) AS e
    GROUP BY 1, 2
$$;

-- Submits the verification of a backfill: partitions of the same stretches of time, so many drawn
-- together, or one for all. Nothing is submitted where nothing succeeded. Gives its number.
CREATE FUNCTION backfill.submit_verification(
  p_target bigint, p_definition text, p_by int, p_requested_by text, p_reason text)
RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  target backfill.backfill;
  made bigint;
  parts int;
BEGIN
  SELECT b.* INTO target FROM backfill.backfill b WHERE b.id = p_target;
  IF NOT EXISTS (SELECT FROM backfill.partition p
      WHERE p.backfill_id = p_target AND p.state = 'succeeded') THEN
    RETURN NULL;
  END IF;
  INSERT INTO backfill.backfill (mode, verifies, verify_by, stream_id, source_id, stream,
      definition, tags, from_at, to_at, step, time_zone, ordering, only_set, policy, concurrency,
      requested_by, reason, state, total, priority)
    VALUES ('verify', p_target, p_by, target.stream_id, target.source_id, target.stream,
      coalesce(p_definition, target.definition), target.tags, target.from_at, target.to_at,
      target.step, target.time_zone, 'oldest', 'all', target.policy, target.concurrency,
      p_requested_by, p_reason, 'running', 0, target.priority)
    RETURNING id INTO made;
  INSERT INTO backfill.partition (backfill_id, number, rank, from_at, to_at, state)
    SELECT made, turn, turn, from_at, to_at, 'ready'
      FROM (
        SELECT row_number() OVER (ORDER BY min(n.from_at)) AS turn, min(n.from_at) AS from_at,
            max(n.to_at) AS to_at
          FROM (
            SELECT p.from_at, p.to_at,
                (row_number() OVER (ORDER BY p.from_at) - 1) / nullif(p_by, 0) AS bunch
              FROM backfill.partition p
              WHERE p.backfill_id = p_target AND p.state = 'succeeded'
          ) AS n
          GROUP BY n.bunch
      ) AS bunches;
  GET DIAGNOSTICS parts = ROW_COUNT;
  UPDATE backfill.backfill SET total = parts WHERE id = made;
  INSERT INTO backfill.lane (backfill_id, source_id, priority, concurrency)
    VALUES (made, target.source_id, target.priority, target.concurrency);
  PERFORM pg_notify('backfill_work', '');
  RETURN made;
END $$;

-- Two streams compared: what was asked, and how many pairs are equal. What is not stands in
-- `comparison_pair`, as the facts from which it is judged.
CREATE TABLE backfill.comparison (
  id              bigint GENERATED ALWAYS AS IDENTITY,
  left_stream     text NOT NULL,
  right_stream    text NOT NULL,
  left_path       text[] NOT NULL,
  right_path      text[] NOT NULL,
  left_measure    text NOT NULL,
  right_measure   text NOT NULL,
  from_at         timestamptz NOT NULL,
  to_at           timestamptz NOT NULL,
  time_zone       text NOT NULL,
  days            int NOT NULL,
  requested_by    text NOT NULL,
  compared_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  left_records    bigint NOT NULL DEFAULT 0,
  right_records   bigint NOT NULL DEFAULT 0,
  equal           bigint NOT NULL DEFAULT 0,
  CONSTRAINT comparison_pkey PRIMARY KEY (id),
  CONSTRAINT comparison_days_positive CHECK (days >= 0)
);

CREATE TABLE backfill.comparison_pair (
  comparison_id   bigint NOT NULL,
  number          bigint NOT NULL,
  left_records    bigint NOT NULL,
  right_records   bigint NOT NULL,
  left_at         timestamptz,
  right_at        timestamptz,
  match           text NOT NULL,
  currency        text NOT NULL,
  left_amount     numeric NOT NULL,
  right_amount    numeric NOT NULL,
  left_refunded   numeric NOT NULL,
  right_refunded  numeric NOT NULL,
  CONSTRAINT comparison_pair_pkey PRIMARY KEY (comparison_id, number)
);

-- One side of a comparison: by match and currency how many documents there are, what they come to,
-- what of it was given back, and when the first happened. What is gone does not count; a document
-- without the field matches nothing and stands by itself under its key.
CREATE FUNCTION backfill.compare_side(
  p_stream int, p_path text[], p_measure text, p_from timestamptz, p_to timestamptz)
RETURNS TABLE (match text, currency text, records bigint, amount numeric, refunded numeric,
  first_at timestamptz)
LANGUAGE sql STABLE
SET jit = off SET enable_seqscan = off SET enable_bitmapscan = on
AS $$
  SELECT coalesce(d.payload::jsonb #>> p_path, '(none) ' || d.key),
      coalesce(m.currency, ''), count(*), coalesce(sum(m.amount), 0),
      coalesce(sum(m.refunded), 0), min(d.event_at)
    FROM backfill.document d
    LEFT JOIN LATERAL (
      SELECT e->>2 AS currency,
          sum((e->>3)::numeric) FILTER (WHERE e->>0 = p_measure AND (e->>3)::numeric > 0) AS amount,
          sum(-(e->>3)::numeric) FILTER (WHERE (e->>3)::numeric < 0) AS refunded
        FROM jsonb_array_elements(d.measures::jsonb) AS e GROUP BY 1
    ) AS m ON true
    WHERE d.stream_id = p_stream AND d.event_at >= p_from AND d.event_at < p_to
      AND NOT EXISTS (SELECT FROM backfill.gone g
        WHERE g.stream_id = d.stream_id AND g.key = d.key)
    GROUP BY 1, 2
$$;

-- Compares two streams and keeps the pairs that are not plainly equal: one document on either side,
-- of the same amount, with nothing given back, on days no further apart than `p_days`. Both sides
-- are looked at that many days beyond the window, and a pair counts when one of its sides lies inside.
CREATE FUNCTION backfill.compare_streams(
  p_left int, p_right int, p_left_path text[], p_right_path text[], p_left_measure text,
  p_right_measure text, p_from timestamptz, p_to timestamptz, p_time_zone text, p_days int,
  p_requested_by text)
RETURNS bigint
LANGUAGE plpgsql
SET jit = off SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  made bigint;
  room interval := make_interval(days => p_days);
BEGIN
  INSERT INTO backfill.comparison (left_stream, right_stream, left_path, right_path, left_measure,
      right_measure, from_at, to_at, time_zone, days, requested_by)
    SELECT l.name, r.name, p_left_path, p_right_path, p_left_measure, p_right_measure, p_from,
        p_to, p_time_zone, p_days, p_requested_by
      FROM backfill.stream l, backfill.stream r WHERE l.id = p_left AND r.id = p_right
    RETURNING id INTO made;
  WITH pair AS MATERIALIZED (
    SELECT coalesce(l.match, r.match) AS match, coalesce(l.currency, r.currency) AS currency,
        coalesce(l.records, 0) AS left_records, coalesce(r.records, 0) AS right_records,
        coalesce(l.amount, 0) AS left_amount, coalesce(r.amount, 0) AS right_amount,
        coalesce(l.refunded, 0) AS left_refunded, coalesce(r.refunded, 0) AS right_refunded,
        l.first_at AS left_at, r.first_at AS right_at
      FROM backfill.compare_side(p_left, p_left_path, p_left_measure, p_from - room, p_to + room) AS l
      FULL JOIN backfill.compare_side(p_right, p_right_path, p_right_measure, p_from - room,
          p_to + room) AS r
        ON r.match = l.match AND r.currency = l.currency
  ), inside AS MATERIALIZED (
    SELECT p.*, p.left_records = 1 AND p.right_records = 1 AND p.left_amount = p.right_amount
        AND p.left_refunded = 0 AND p.right_refunded = 0
        AND abs((p.left_at AT TIME ZONE p_time_zone)::date - (p.right_at AT TIME ZONE p_time_zone)::date)
          <= p_days AS is_equal
      FROM pair p
      WHERE p.left_at >= p_from AND p.left_at < p_to OR p.right_at >= p_from AND p.right_at < p_to
  ), kept AS (
    INSERT INTO backfill.comparison_pair (comparison_id, number, left_records, right_records,
        left_at, right_at, match, currency, left_amount, right_amount, left_refunded,
        right_refunded)
      SELECT made, row_number() OVER (ORDER BY i.match, i.currency), i.left_records,
          i.right_records, i.left_at, i.right_at, i.match, i.currency, i.left_amount,
          i.right_amount, i.left_refunded, i.right_refunded
        FROM inside i WHERE NOT i.is_equal
  )
  UPDATE backfill.comparison c
    SET left_records = t.left_records, right_records = t.right_records, equal = t.equal
    FROM (
      SELECT coalesce(sum(i.left_records), 0) AS left_records,
          coalesce(sum(i.right_records), 0) AS right_records,
          count(*) FILTER (WHERE i.is_equal) AS equal
        FROM inside i
    ) AS t
    WHERE c.id = made;
  RETURN made;
END $$;
