-- What the store keeps: documents, superseded versions, rejections, measures.
-- breaking: no

-- One row per stream and key. The key is the primary key itself, in byte order: keys of one
-- source mostly ascend, so inserts stay on few index pages, which a hash of the key would scatter.
CREATE TABLE backfill.document (
  batch_id        bigint NOT NULL,
  event_at        timestamptz NOT NULL,
  source_version  bigint,
  stream_id       int NOT NULL,
  version         int NOT NULL,
  key             text COLLATE "C" NOT NULL,
  payload_hash    bytea NOT NULL,
  measures        text,
  payload         text NOT NULL,
  CONSTRAINT document_pkey PRIMARY KEY (stream_id, key)
);

-- Superseded versions only; the current one is the document.
CREATE TABLE backfill.document_version (
  batch_id        bigint NOT NULL,
  superseded_by   bigint NOT NULL,
  event_at        timestamptz NOT NULL,
  superseded_at   timestamptz NOT NULL,
  source_version  bigint,
  stream_id       int NOT NULL,
  version         int NOT NULL,
  key             text COLLATE "C" NOT NULL,
  payload_hash    bytea NOT NULL,
  measures        text,
  payload         text NOT NULL,
  CONSTRAINT document_version_pkey PRIMARY KEY (stream_id, key, version)
);

-- Records that could not be taken, whole. `record` is bytea: it may hold what text cannot.
CREATE TABLE backfill.rejection (
  id            bigint GENERATED ALWAYS AS IDENTITY,
  stream_id     int NOT NULL,
  backfill_id   bigint NOT NULL,
  number        int NOT NULL,
  batch_id      bigint NOT NULL,
  position      bigint NOT NULL,
  retryable     boolean NOT NULL,
  rejected_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  closed_at     timestamptz,
  closed_as     text,
  key           text,
  reason        text NOT NULL,
  message       text NOT NULL,
  record        bytea NOT NULL,
  CONSTRAINT rejection_pkey PRIMARY KEY (id),
  CONSTRAINT rejection_closing_known CHECK ((closed_at IS NULL) = (closed_as IS NULL)
    AND closed_as IN ('redriven', 'discarded', 'read_again'))
);
CREATE INDEX rejection_by_partition ON backfill.rejection (backfill_id, number, id);

-- Sums per day and currency, of what the documents hold now.
CREATE TABLE backfill.measure (
  stream_id  int NOT NULL,
  day        date NOT NULL,
  name       text NOT NULL,
  currency   text NOT NULL,
  amount     numeric NOT NULL,
  records    bigint NOT NULL,
  CONSTRAINT measure_pkey PRIMARY KEY (stream_id, name, currency, day)
) WITH (fillfactor = 50);

-- The same, as far as one backfill changed it.
CREATE TABLE backfill.backfill_measure (
  backfill_id  bigint NOT NULL,
  day          date NOT NULL,
  name         text NOT NULL,
  currency     text NOT NULL,
  amount       numeric NOT NULL,
  records      bigint NOT NULL,
  CONSTRAINT backfill_measure_pkey PRIMARY KEY (backfill_id, name, currency, day)
) WITH (fillfactor = 50);
