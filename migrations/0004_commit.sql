-- The commit of a batch: judged under the partition's row lock, then written, in one call.
-- breaking: no

-- Two payloads of one key are compared as jsonb, less the fields that the stream excludes; each
-- element of `excluded` is the path of one field. Only objects lead to a field: `#-` would go into
-- arrays too, and fail at the name of a field there.
CREATE FUNCTION backfill.comparable(payload text, excluded jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  value jsonb := payload::jsonb;
  path text[];
  parent jsonb;
BEGIN
  FOR path IN
    SELECT ARRAY(SELECT jsonb_array_elements_text(e)) FROM jsonb_array_elements(excluded) AS e
  LOOP
    parent := value;
    FOR depth IN 1 .. cardinality(path) - 1 LOOP
      EXIT WHEN jsonb_typeof(parent) IS DISTINCT FROM 'object';
      parent := parent -> path[depth];
    END LOOP;
    IF jsonb_typeof(parent) = 'object' THEN
      value := value #- path;
    END IF;
  END LOOP;
  RETURN value;
END $$;

-- Adds up measures, each written as [[name, day, currency, amount], …], with a sign beside each;
-- gives [[name, day, currency, amount, records], …], or null where nothing is left to say.
CREATE FUNCTION backfill.sum_measures(measures text[], signs int[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_agg(jsonb_build_array(name, day, currency, amount::text, records))
  FROM (
    SELECT e->>0 AS name, e->>1 AS day, e->>2 AS currency,
      sum((e->>3)::numeric * m.sign) AS amount, sum(m.sign) AS records
    FROM unnest(measures, signs) AS m(measure, sign),
      LATERAL jsonb_array_elements(m.measure::jsonb) AS e
    GROUP BY 1, 2, 3
  ) AS sums
  WHERE amount <> 0 OR records <> 0
$$;

-- Commits the batch that the caller copied into its temporary table `stage`:
--   h  the header, one row: `payload` is a JSON object
--   d  a document: `bytes` is the hash of its payload
--   x  a key that came before in this batch
--   o  a record outside of the window
--   r  a rejected record: `bytes` is the record, `payload` is {reason, message, retryable}
-- A probe stages nothing: it brings its header, the keys of its documents in ascending order, and
-- the hashes of their payloads in the same order.
-- Nothing is written unless the caller holds the fence and a live lease and this is the next batch.
-- Status: committed; fenced (another holds the partition, or it was cancelled); expired (the lease
-- ran out); repeated (this very batch is there already); payload_needed (a probe met a key that is
-- new or changed).
--
-- The plans are made once per session, maybe while the store is empty. So documents are looked up
-- by LATERAL queries that cannot be turned round: for each row of the stage its key, and never the
-- stage for each document of the stream.
CREATE FUNCTION backfill.commit_batch(
  p_backfill bigint, p_number int, p_fence bigint, p_sequence int,
  p_header text DEFAULT NULL, p_keys text[] DEFAULT NULL, p_hashes bytea[] DEFAULT NULL,
  OUT status text, OUT inserted int, OUT versioned int, OUT unchanged int, OUT kept int,
  OUT stale int, OUT duplicate int, OUT rejected int, OUT outside int, OUT state text)
LANGUAGE plpgsql
SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  part record;
  header jsonb;
  doc record;
  now_at timestamptz;
  stream int;
  policy text;
  exclude jsonb;
  known_hashes bytea[];
  documents int;
  batch bigint;
  sums jsonb;
  unchanged_keys text[];
  versioned_keys text[];
  kept_keys text[];
  stale_keys text[];
  refused_keys text[];
  refused_rows tid[];
  changed_rows tid[];
  refused int := 0;
  changes text[] := '{}';
  signs int[] := '{}';
  end_kind text;
  end_message text;
BEGIN
  SELECT p.fence, p.state, p.batch_sequence, p.attempt_sequence, p.checkpoint, p.read,
      p.rejected, p.attempts, p.claimed_at, p.worker_id, p.lease_until
    INTO part
    FROM backfill.partition p
    WHERE p.backfill_id = p_backfill AND p.number = p_number
    FOR NO KEY UPDATE;
  -- The clock is read here and not above: there it would be read before the lock was waited for.
  status := CASE
    WHEN part.fence IS DISTINCT FROM p_fence THEN 'fenced'
    WHEN part.batch_sequence = p_sequence THEN 'repeated'
    WHEN part.state <> 'running' OR part.batch_sequence <> p_sequence - 1 THEN 'fenced'
    WHEN part.lease_until <= clock_timestamp() THEN 'expired'
    ELSE 'committed' END;
  IF status <> 'committed' THEN
    RETURN;
  END IF;

  IF p_keys IS NULL THEN
    SELECT s.payload::jsonb INTO STRICT header FROM pg_temp.stage s WHERE s.kind = 'h' LIMIT 1;
  ELSE
    header := p_header::jsonb;
  END IF;
  stream := (header->>'stream')::int;
  policy := header->>'policy';
  exclude := header->'exclude';
  documents := (header->>'documents')::int;
  duplicate := (header->>'duplicate')::int;
  rejected := (header->>'rejected')::int;
  outside := (header->>'outside')::int;
  inserted := 0;
  versioned := 0;
  unchanged := 0;
  kept := 0;
  stale := 0;
  batch := nextval('backfill.batch_id');

  IF p_keys IS NOT NULL THEN
    SELECT array_agg(d.payload_hash ORDER BY d.key) INTO known_hashes
      FROM backfill.document d
      WHERE d.stream_id = stream AND d.key = ANY (p_keys);
    IF known_hashes IS DISTINCT FROM p_hashes THEN
      status := 'payload_needed';
      RETURN;
    END IF;
    unchanged_keys := p_keys;
    unchanged := documents;
  ELSIF documents > 0 THEN
    INSERT INTO backfill.document (batch_id, event_at, source_version, stream_id, version, key,
        payload_hash, measures, payload)
      SELECT batch, s.event_at, s.source_version, stream, 1, s.key, s.bytes, s.measures,
          s.payload
        FROM pg_temp.stage s
        WHERE s.kind = 'd'
        ORDER BY s.key COLLATE "C"
      ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS inserted = ROW_COUNT;
    IF inserted < documents THEN
      -- What is known is judged without a lock: a replay must not even lock a document, which
      -- would write it. Only what seems to need another version is locked and judged again.
      SELECT array_agg(j.key) FILTER (WHERE j.verdict = 'unchanged'),
          array_agg(j.key) FILTER (WHERE j.verdict = 'kept'),
          array_agg(j.key) FILTER (WHERE j.verdict = 'stale'),
          array_agg(j.key) FILTER (WHERE j.verdict = 'rejected'),
          array_agg(j.row_id) FILTER (WHERE j.verdict = 'rejected'),
          array_agg(j.row_id) FILTER (WHERE j.verdict = 'changed')
        INTO unchanged_keys, kept_keys, stale_keys, refused_keys, refused_rows, changed_rows
        FROM (
          SELECT s.key, s.ctid AS row_id, CASE
              WHEN d.payload_hash = s.bytes THEN 'unchanged'
              WHEN backfill.comparable(s.payload, exclude)
                  = backfill.comparable(d.payload, exclude)
                AND (policy = 'new_version' AND s.source_version > d.source_version)
                  IS NOT TRUE
                THEN 'unchanged'
              WHEN policy = 'keep_first' THEN 'kept'
              WHEN policy = 'reject' THEN 'rejected'
              WHEN s.source_version < d.source_version THEN 'stale'
              ELSE 'changed' END AS verdict
            FROM pg_temp.stage s
            CROSS JOIN LATERAL (
              SELECT d.payload_hash, d.source_version, d.payload FROM backfill.document d
                WHERE d.stream_id = stream AND d.key = s.key AND d.batch_id <> batch OFFSET 0
            ) AS d
            WHERE s.kind = 'd'
        ) AS j;
    END IF;
    IF changed_rows IS NOT NULL THEN
      -- Locked in key order, as the insert went. Which rows these are is not asked again: another
      -- may have made them equal, or newer, meanwhile, and every record must have one outcome.
      FOR doc IN
        SELECT s.event_at, s.source_version, s.key, s.bytes, s.measures, s.payload,
            d.batch_id AS old_batch_id, d.event_at AS old_event_at,
            d.source_version AS old_source_version, d.version AS old_version,
            d.payload_hash AS old_hash, d.measures AS old_measures, d.payload AS old_payload
          FROM (
            SELECT * FROM pg_temp.stage t WHERE t.ctid = ANY (changed_rows)
              ORDER BY t.key COLLATE "C"
          ) AS s
          CROSS JOIN LATERAL (
            SELECT * FROM backfill.document d WHERE d.stream_id = stream AND d.key = s.key
              FOR NO KEY UPDATE
          ) AS d
      LOOP
        IF doc.bytes = doc.old_hash OR backfill.comparable(doc.payload, exclude)
            = backfill.comparable(doc.old_payload, exclude) THEN
          unchanged_keys := unchanged_keys || doc.key;
          -- The source knows a later version of the same: what is older than that is stale from
          -- now on, although the field that tells is excluded from what is compared.
          IF doc.source_version > doc.old_source_version THEN
            UPDATE backfill.document d SET source_version = doc.source_version
              WHERE d.stream_id = stream AND d.key = doc.key;
          END IF;
        ELSIF doc.source_version < doc.old_source_version THEN
          stale_keys := stale_keys || doc.key;
        ELSE
          versioned_keys := versioned_keys || doc.key;
          changes := changes || doc.measures || doc.old_measures;
          signs := signs || 1 || -1;
          INSERT INTO backfill.document_version (batch_id, superseded_by, event_at,
              superseded_at, source_version, stream_id, version, key, payload_hash, measures,
              payload)
            VALUES (doc.old_batch_id, batch, doc.old_event_at, clock_timestamp(),
              doc.old_source_version, stream, doc.old_version, doc.key, doc.old_hash,
              doc.old_measures, doc.old_payload);
          UPDATE backfill.document d
            SET batch_id = batch, event_at = doc.event_at, source_version = doc.source_version,
              version = doc.old_version + 1, payload_hash = doc.bytes, measures = doc.measures,
              payload = doc.payload
            WHERE d.stream_id = stream AND d.key = doc.key;
        END IF;
      END LOOP;
    END IF;
    unchanged := coalesce(cardinality(unchanged_keys), 0);
    versioned := coalesce(cardinality(versioned_keys), 0);
    kept := coalesce(cardinality(kept_keys), 0);
    stale := coalesce(cardinality(stale_keys), 0);
    refused := coalesce(cardinality(refused_keys), 0);
    IF inserted + versioned + unchanged + kept + stale + refused <> documents THEN
      RAISE EXCEPTION 'Documents were removed while a batch was committed.'
        USING ERRCODE = 'serialization_failure';
    END IF;
  END IF;

  IF inserted = documents AND (header->>'sums_are_exact')::boolean THEN
    sums := nullif(header->'measures', 'null');
  ELSIF inserted + versioned > 0 THEN
    IF inserted > 0 THEN
      SELECT changes || array_agg(d.measures), signs || array_agg(1) INTO STRICT changes, signs
        FROM pg_temp.stage s
        CROSS JOIN LATERAL (
          SELECT d.measures FROM backfill.document d
            WHERE d.stream_id = stream AND d.key = s.key AND d.batch_id = batch AND d.version = 1
            OFFSET 0
        ) AS d
        WHERE s.kind = 'd';
    END IF;
    sums := backfill.sum_measures(changes, signs);
  END IF;

  now_at := clock_timestamp();
  IF refused > 0 THEN
    INSERT INTO backfill.rejection (stream_id, backfill_id, number, batch_id, position, retryable,
        key, reason, message, record)
      SELECT stream, p_backfill, p_number, batch, part.read + s.position, false, s.key,
          'duplicate',
          'The key is known with another payload, and the stream takes the first one only.',
          convert_to(s.payload, 'UTF8')
        FROM pg_temp.stage s
        WHERE s.ctid = ANY (refused_rows)
        ORDER BY s.position;
  END IF;
  IF rejected > 0 THEN
    INSERT INTO backfill.rejection (stream_id, backfill_id, number, batch_id, position, retryable,
        key, reason, message, record)
      SELECT stream, p_backfill, p_number, batch, part.read + s.position,
          (s.payload::jsonb->>'retryable')::boolean, s.key, s.payload::jsonb->>'reason',
          s.payload::jsonb->>'message', s.bytes
        FROM pg_temp.stage s
        WHERE s.kind = 'r'
        ORDER BY s.position;
  END IF;
  rejected := rejected + refused;
  INSERT INTO backfill.batch_keys (batch_id, backfill_id, number, committed_at, outcome, keys)
    SELECT batch, p_backfill, p_number, now_at, k.outcome, k.keys
      FROM (
        VALUES ('unchanged', unchanged_keys), ('versioned', versioned_keys), ('kept', kept_keys),
          ('stale', stale_keys), ('rejected', refused_keys)
      ) AS k(outcome, keys)
      WHERE cardinality(k.keys) > 0;
  IF duplicate + outside > 0 THEN
    INSERT INTO backfill.batch_keys (batch_id, backfill_id, number, committed_at, outcome, keys)
      SELECT batch, p_backfill, p_number, now_at,
          CASE s.kind WHEN 'x' THEN 'duplicate' ELSE 'outside' END,
          array_agg(s.key ORDER BY s.position)
        FROM pg_temp.stage s
        WHERE s.kind IN ('x', 'o')
        GROUP BY s.kind;
  END IF;

  -- Whether this was the last batch, and whether too much of the partition was rejected to call
  -- it a success.
  state := header->'end'->>'state';
  end_kind := header->'end'->>'kind';
  end_message := header->'end'->>'message';
  IF state = 'succeeded' AND part.rejected + rejected >= (header->>'reject_least')::int
      AND part.rejected + rejected
        > (part.read + (header->>'read')::int) * (header->>'reject_share')::numeric THEN
    state := 'failed';
    end_kind := 'too_many_rejected';
    end_message := format('%s of %s records were rejected, more than the stream allows.',
      part.rejected + rejected, part.read + (header->>'read')::int);
  END IF;
  state := coalesce(state, 'running');

  UPDATE backfill.partition p
    SET state = commit_batch.state,
      batch_sequence = p_sequence,
      checkpoint = header->>'cursor_to',
      lease_until = now_at + make_interval(secs => (header->>'lease')::float8),
      finished_at = CASE WHEN commit_batch.state <> 'running' THEN now_at END,
      kind = end_kind,
      message = end_message,
      read = p.read + (header->>'read')::int,
      inserted = p.inserted + commit_batch.inserted,
      versioned = p.versioned + commit_batch.versioned,
      unchanged = p.unchanged + commit_batch.unchanged,
      kept = p.kept + commit_batch.kept,
      stale = p.stale + commit_batch.stale,
      duplicate = p.duplicate + commit_batch.duplicate,
      rejected = p.rejected + commit_batch.rejected,
      outside = p.outside + commit_batch.outside,
      requests = p.requests + (header->>'requests')::int
    WHERE p.backfill_id = p_backfill AND p.number = p_number;
  IF state <> 'running' THEN
    INSERT INTO backfill.attempt (backfill_id, number, attempt, batches, fence, worker_id,
        started_at, ended_at, outcome, kind, message)
      VALUES (p_backfill, p_number, part.attempts, p_sequence - part.attempt_sequence, p_fence,
        part.worker_id, part.claimed_at, now_at, state, end_kind, end_message);
  END IF;
  INSERT INTO backfill.tally (backfill_id, batch_number, batch_sequence, committed_at, succeeded,
      failed, read, inserted, versioned, unchanged, kept, stale, duplicate, rejected, outside,
      requests, measures)
    VALUES (p_backfill, p_number, p_sequence, now_at, (state = 'succeeded')::int,
      (state = 'failed')::int, (header->>'read')::int, inserted, versioned, unchanged, kept,
      stale, duplicate, rejected, outside, (header->>'requests')::int, sums);
  INSERT INTO backfill.batch (id, backfill_id, number, sequence, fence, worker_id, committed_at,
      pages, requests, read, inserted, versioned, unchanged, kept, stale, duplicate, rejected,
      outside, cursor_from, cursor_to, key_from, key_to, measures)
    VALUES (batch, p_backfill, p_number, p_sequence, p_fence, part.worker_id, now_at,
      (header->>'pages')::int, (header->>'requests')::int, (header->>'read')::int, inserted,
      versioned, unchanged, kept, stale, duplicate, rejected, outside, part.checkpoint,
      header->>'cursor_to', CASE WHEN inserted > 0 THEN header->'keys'->>0 END,
      CASE WHEN inserted > 0 THEN header->'keys'->>1 END, sums);
END $$;
