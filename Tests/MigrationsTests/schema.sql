-- Columns
attempt.backfill_id bigint NOT NULL
attempt.number integer NOT NULL
attempt.attempt integer NOT NULL
attempt.batches integer NOT NULL
attempt.fence bigint NOT NULL
attempt.worker_id bigint NOT NULL
attempt.started_at timestamp with time zone NOT NULL
attempt.ended_at timestamp with time zone NOT NULL
attempt.outcome text NOT NULL
attempt.kind text
attempt.message text
attempt_default.backfill_id bigint NOT NULL
attempt_default.number integer NOT NULL
attempt_default.attempt integer NOT NULL
attempt_default.batches integer NOT NULL
attempt_default.fence bigint NOT NULL
attempt_default.worker_id bigint NOT NULL
attempt_default.started_at timestamp with time zone NOT NULL
attempt_default.ended_at timestamp with time zone NOT NULL
attempt_default.outcome text NOT NULL
attempt_default.kind text
attempt_default.message text
backfill.id bigint NOT NULL IDENTITY
backfill.stream_id integer NOT NULL
backfill.source_id integer NOT NULL
backfill.stream text NOT NULL
backfill.definition text NOT NULL
backfill.tags text[] NOT NULL DEFAULT '{}'::text[]
backfill.from_at timestamp with time zone NOT NULL
backfill.to_at timestamp with time zone NOT NULL
backfill.step text NOT NULL
backfill.time_zone text NOT NULL
backfill.ordering text NOT NULL
backfill.only_set text NOT NULL
backfill.policy text NOT NULL
backfill.concurrency integer
backfill.priority integer NOT NULL
backfill.requested_by text NOT NULL
backfill.reason text
backfill.state text NOT NULL
backfill.submitted_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
backfill.started_at timestamp with time zone
backfill.finished_at timestamp with time zone
backfill.total integer NOT NULL
backfill.succeeded integer NOT NULL DEFAULT 0
backfill.verified integer NOT NULL DEFAULT 0
backfill.failed integer NOT NULL DEFAULT 0
backfill.skipped integer NOT NULL DEFAULT 0
backfill.replaced integer NOT NULL DEFAULT 0
backfill.quarantined integer NOT NULL DEFAULT 0
backfill.cancelled integer NOT NULL DEFAULT 0
backfill.read bigint NOT NULL DEFAULT 0
backfill.inserted bigint NOT NULL DEFAULT 0
backfill.versioned bigint NOT NULL DEFAULT 0
backfill.unchanged bigint NOT NULL DEFAULT 0
backfill.kept bigint NOT NULL DEFAULT 0
backfill.stale bigint NOT NULL DEFAULT 0
backfill.duplicate bigint NOT NULL DEFAULT 0
backfill.rejected bigint NOT NULL DEFAULT 0
backfill.outside bigint NOT NULL DEFAULT 0
backfill.requests bigint NOT NULL DEFAULT 0
backfill.mode text NOT NULL DEFAULT 'load'::text
backfill.verifies bigint
backfill.verify_by integer
backfill_measure.backfill_id bigint NOT NULL
backfill_measure.day date NOT NULL
backfill_measure.name text NOT NULL
backfill_measure.currency text NOT NULL
backfill_measure.amount numeric NOT NULL
backfill_measure.records bigint NOT NULL
batch.id bigint NOT NULL
batch.backfill_id bigint NOT NULL
batch.number integer NOT NULL
batch.sequence integer NOT NULL
batch.fence bigint NOT NULL
batch.worker_id bigint NOT NULL
batch.committed_at timestamp with time zone NOT NULL
batch.position bigint
batch.pages integer NOT NULL
batch.requests integer NOT NULL
batch.read integer NOT NULL
batch.inserted integer NOT NULL
batch.versioned integer NOT NULL
batch.unchanged integer NOT NULL
batch.kept integer NOT NULL
batch.stale integer NOT NULL
batch.duplicate integer NOT NULL
batch.rejected integer NOT NULL
batch.outside integer NOT NULL
batch.cursor_from text
batch.cursor_to text
batch.key_from text COLLATE "C"
batch.key_to text COLLATE "C"
batch.measures jsonb
batch_default.id bigint NOT NULL
batch_default.backfill_id bigint NOT NULL
batch_default.number integer NOT NULL
batch_default.sequence integer NOT NULL
batch_default.fence bigint NOT NULL
batch_default.worker_id bigint NOT NULL
batch_default.committed_at timestamp with time zone NOT NULL
batch_default.position bigint
batch_default.pages integer NOT NULL
batch_default.requests integer NOT NULL
batch_default.read integer NOT NULL
batch_default.inserted integer NOT NULL
batch_default.versioned integer NOT NULL
batch_default.unchanged integer NOT NULL
batch_default.kept integer NOT NULL
batch_default.stale integer NOT NULL
batch_default.duplicate integer NOT NULL
batch_default.rejected integer NOT NULL
batch_default.outside integer NOT NULL
batch_default.cursor_from text
batch_default.cursor_to text
batch_default.key_from text COLLATE "C"
batch_default.key_to text COLLATE "C"
batch_default.measures jsonb
batch_keys.batch_id bigint NOT NULL
batch_keys.backfill_id bigint NOT NULL
batch_keys.number integer NOT NULL
batch_keys.committed_at timestamp with time zone NOT NULL
batch_keys.outcome text NOT NULL
batch_keys.keys text[] NOT NULL
batch_keys_default.batch_id bigint NOT NULL
batch_keys_default.backfill_id bigint NOT NULL
batch_keys_default.number integer NOT NULL
batch_keys_default.committed_at timestamp with time zone NOT NULL
batch_keys_default.outcome text NOT NULL
batch_keys_default.keys text[] NOT NULL
comparison.id bigint NOT NULL IDENTITY
comparison.left_stream text NOT NULL
comparison.right_stream text NOT NULL
comparison.left_path text[] NOT NULL
comparison.right_path text[] NOT NULL
comparison.left_measure text NOT NULL
comparison.right_measure text NOT NULL
comparison.from_at timestamp with time zone NOT NULL
comparison.to_at timestamp with time zone NOT NULL
comparison.time_zone text NOT NULL
comparison.days integer NOT NULL
comparison.requested_by text NOT NULL
comparison.compared_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
comparison.left_records bigint NOT NULL DEFAULT 0
comparison.right_records bigint NOT NULL DEFAULT 0
comparison.equal bigint NOT NULL DEFAULT 0
comparison_pair.comparison_id bigint NOT NULL
comparison_pair.number bigint NOT NULL
comparison_pair.left_records bigint NOT NULL
comparison_pair.right_records bigint NOT NULL
comparison_pair.left_at timestamp with time zone
comparison_pair.right_at timestamp with time zone
comparison_pair.match text NOT NULL
comparison_pair.currency text NOT NULL
comparison_pair.left_amount numeric NOT NULL
comparison_pair.right_amount numeric NOT NULL
comparison_pair.left_refunded numeric NOT NULL
comparison_pair.right_refunded numeric NOT NULL
delivery.notice_id text NOT NULL
delivery.subscription_id integer NOT NULL
delivery.attempts integer NOT NULL DEFAULT 0
delivery.created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
delivery.next_attempt_at timestamp with time zone
delivery.ended_at timestamp with time zone
delivery.state text NOT NULL DEFAULT 'pending'::text
delivery.message text
document.batch_id bigint NOT NULL
document.event_at timestamp with time zone NOT NULL
document.source_version bigint
document.stream_id integer NOT NULL
document.version integer NOT NULL
document.key text COLLATE "C" NOT NULL
document.payload_hash bytea NOT NULL
document.measures text
document.payload text NOT NULL
document_version.batch_id bigint NOT NULL
document_version.superseded_by bigint NOT NULL
document_version.event_at timestamp with time zone NOT NULL
document_version.superseded_at timestamp with time zone NOT NULL
document_version.source_version bigint
document_version.stream_id integer NOT NULL
document_version.version integer NOT NULL
document_version.key text COLLATE "C" NOT NULL
document_version.payload_hash bytea NOT NULL
document_version.measures text
document_version.payload text NOT NULL
gone.stream_id integer NOT NULL
gone.found_by bigint NOT NULL
gone.event_at timestamp with time zone NOT NULL
gone.found_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
gone.key text COLLATE "C" NOT NULL
gone.measures text
lane.backfill_id bigint NOT NULL
lane.source_id integer NOT NULL
lane.priority integer NOT NULL DEFAULT 0
lane.concurrency integer
lane.strict boolean NOT NULL DEFAULT false
lane.paused boolean NOT NULL DEFAULT false
lane.ready_frontier integer NOT NULL DEFAULT 0
lane.due_frontier timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp with time zone
lane.running_frontier timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp with time zone
lane.searched_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
lane.ready_place bigint NOT NULL DEFAULT '-9223372036854775808'::bigint
measure.stream_id integer NOT NULL
measure.day date NOT NULL
measure.name text NOT NULL
measure.currency text NOT NULL
measure.amount numeric NOT NULL
measure.records bigint NOT NULL
migration.version integer NOT NULL
migration.name text NOT NULL
migration.checksum text NOT NULL
migration.breaking boolean NOT NULL
migration.applied_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
notice.id text NOT NULL DEFAULT ('ntc_'::text || replace((gen_random_uuid())::text, '-'::text, ''::text))
notice.backfill_id bigint
notice.kind text NOT NULL
notice.cause text NOT NULL DEFAULT ''::text
notice.created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
notice.settles_at timestamp with time zone
notice.closed_at timestamp with time zone
notice.facts text
partition.backfill_id bigint NOT NULL
partition.number integer NOT NULL
partition.rank integer NOT NULL
partition.fence bigint NOT NULL DEFAULT 0
partition.from_at timestamp with time zone NOT NULL
partition.to_at timestamp with time zone NOT NULL
partition.attempts integer NOT NULL DEFAULT 0
partition.failures integer NOT NULL DEFAULT 0
partition.batch_sequence integer NOT NULL DEFAULT 0
partition.attempt_sequence integer NOT NULL DEFAULT 0
partition.worker_id bigint
partition.claimed_at timestamp with time zone
partition.lease_until timestamp with time zone
partition.not_before timestamp with time zone
partition.finished_at timestamp with time zone
partition.verified_at timestamp with time zone
partition.read bigint NOT NULL DEFAULT 0
partition.inserted bigint NOT NULL DEFAULT 0
partition.versioned bigint NOT NULL DEFAULT 0
partition.unchanged bigint NOT NULL DEFAULT 0
partition.kept bigint NOT NULL DEFAULT 0
partition.stale bigint NOT NULL DEFAULT 0
partition.duplicate bigint NOT NULL DEFAULT 0
partition.rejected bigint NOT NULL DEFAULT 0
partition.outside bigint NOT NULL DEFAULT 0
partition.requests bigint NOT NULL DEFAULT 0
partition.state text NOT NULL DEFAULT 'ready'::text
partition.kind text
partition.message text
partition.checkpoint text
partition.parent integer
partition.place bigint NOT NULL DEFAULT 0
proof.verification bigint NOT NULL
proof.verifier integer NOT NULL
proof.backfill_id bigint NOT NULL
proof.number integer NOT NULL
proof.from_at timestamp with time zone NOT NULL
proof.to_at timestamp with time zone NOT NULL
proof.proved_at timestamp with time zone NOT NULL
proof.source_records bigint NOT NULL
proof.store_records bigint NOT NULL
proof.missing bigint NOT NULL DEFAULT 0
proof.gone bigint NOT NULL DEFAULT 0
proof.different bigint NOT NULL DEFAULT 0
proof.kept bigint NOT NULL DEFAULT 0
proof.stale bigint NOT NULL DEFAULT 0
proof.moved bigint NOT NULL DEFAULT 0
proof.refused bigint NOT NULL DEFAULT 0
proof.unsettled bigint NOT NULL DEFAULT 0
proof.is_equal boolean NOT NULL
proof.method text NOT NULL
proof_difference.verification bigint NOT NULL
proof_difference.verifier integer NOT NULL
proof_difference.event_at timestamp with time zone NOT NULL
proof_difference.verdict text NOT NULL
proof_difference.key text COLLATE "C" NOT NULL
proof_difference.source_measures text
proof_difference.store_measures text
proof_sum.verification bigint NOT NULL
proof_sum.verifier integer NOT NULL
proof_sum.day date NOT NULL
proof_sum.name text NOT NULL
proof_sum.currency text NOT NULL
proof_sum.source_amount numeric NOT NULL DEFAULT 0
proof_sum.source_records bigint NOT NULL DEFAULT 0
proof_sum.store_amount numeric
proof_sum.store_records bigint
proof_sum.is_equal boolean
rejection.id bigint NOT NULL IDENTITY
rejection.stream_id integer NOT NULL
rejection.backfill_id bigint NOT NULL
rejection.number integer NOT NULL
rejection.batch_id bigint NOT NULL
rejection.position bigint NOT NULL
rejection.retryable boolean NOT NULL
rejection.rejected_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
rejection.closed_at timestamp with time zone
rejection.closed_as text
rejection.key text
rejection.reason text NOT NULL
rejection.message text NOT NULL
rejection.record bytea NOT NULL
request_budget.source_id integer NOT NULL
request_budget.concurrency integer
request_budget.held_until timestamp with time zone
request_budget.held_reason text
request_budget.revision integer NOT NULL DEFAULT 0
request_holder.id bigint NOT NULL IDENTITY
request_holder.limit_id integer NOT NULL
request_holder.bucket text NOT NULL
request_holder.expires_at bigint NOT NULL
request_limit.id integer NOT NULL IDENTITY
request_limit.source_id integer NOT NULL
request_limit.name text NOT NULL
request_limit.definition text NOT NULL
request_limit.kind text NOT NULL
request_limit.spacing bigint NOT NULL DEFAULT 0
request_limit.slack bigint NOT NULL DEFAULT 0
request_limit.lateness bigint NOT NULL DEFAULT 0
request_limit.capacity bigint NOT NULL DEFAULT 0
request_limit.zone text NOT NULL DEFAULT 'UTC'::text
request_schedule.limit_id integer NOT NULL
request_schedule.bucket text NOT NULL
request_schedule.next_at bigint NOT NULL DEFAULT 0
request_schedule.free bigint[] NOT NULL DEFAULT '{}'::bigint[]
request_schedule.granted bigint NOT NULL DEFAULT 0
request_schedule.slower bigint NOT NULL DEFAULT 0
request_schedule.held_until bigint NOT NULL DEFAULT 0
request_schedule.quota_left bigint NOT NULL DEFAULT 0
request_schedule.quota_until bigint NOT NULL DEFAULT 0
request_schedule.day_used bigint NOT NULL DEFAULT 0
request_schedule.day_ends bigint NOT NULL DEFAULT 0
sequencer.is_one boolean NOT NULL DEFAULT true
sequencer.position bigint NOT NULL DEFAULT 0
sequencer.tally_from bigint NOT NULL DEFAULT 0
sequencer.tally_seen bigint NOT NULL DEFAULT 0
sequencer.seen_before xid8 NOT NULL DEFAULT '0'::xid8
sequencer.failed_at timestamp with time zone
sequencer.failure text
source.id integer NOT NULL IDENTITY
source.name text NOT NULL
source.definition text NOT NULL
source.applied_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
stream.id integer NOT NULL IDENTITY
stream.source_id integer NOT NULL
stream.name text NOT NULL
stream.definition text NOT NULL
stream.applied_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
stream.retired_at timestamp with time zone
subscription.id integer NOT NULL IDENTITY
subscription.name text NOT NULL
subscription.team text NOT NULL
subscription.sources text[] NOT NULL
subscription.streams text[] NOT NULL
subscription.tags text[] NOT NULL
subscription.events text[] NOT NULL
subscription.delivery text NOT NULL
subscription.applied_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
subscription.retired_at timestamp with time zone
subscription.disabled_at timestamp with time zone
subscription.disabled_reason text
tally.id bigint NOT NULL IDENTITY
tally.backfill_id bigint NOT NULL
tally.batch_number integer
tally.batch_sequence integer
tally.committed_at timestamp with time zone NOT NULL
tally.succeeded integer NOT NULL DEFAULT 0
tally.failed integer NOT NULL DEFAULT 0
tally.read integer NOT NULL DEFAULT 0
tally.inserted integer NOT NULL DEFAULT 0
tally.versioned integer NOT NULL DEFAULT 0
tally.unchanged integer NOT NULL DEFAULT 0
tally.kept integer NOT NULL DEFAULT 0
tally.stale integer NOT NULL DEFAULT 0
tally.duplicate integer NOT NULL DEFAULT 0
tally.rejected integer NOT NULL DEFAULT 0
tally.outside integer NOT NULL DEFAULT 0
tally.requests integer NOT NULL DEFAULT 0
tally.measures jsonb
tally.blocks jsonb
tally.verified integer NOT NULL DEFAULT 0
verify_key.backfill_id bigint NOT NULL
verify_key.number integer NOT NULL
verify_key.is_rejected boolean NOT NULL
verify_key.event_at timestamp with time zone NOT NULL
verify_key.standing text NOT NULL
verify_key.verdict text
verify_key.key text COLLATE "C" NOT NULL
verify_key.hash bytea
verify_key.source_measures text
verify_key.store_measures text
worker.id bigint NOT NULL IDENTITY
worker.name text NOT NULL
worker.version text NOT NULL
worker.concurrency integer NOT NULL
worker.started_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
worker.heartbeat_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
worker.stopped_at timestamp with time zone

-- Tables that are parts of others or stored in a way of their own
attempt PARTITION BY RANGE (ended_at)
attempt_default PART DEFAULT
backfill WITH (fillfactor=50)
backfill_measure WITH (fillfactor=50)
batch PARTITION BY RANGE (committed_at)
batch_default PART DEFAULT
batch_keys PARTITION BY RANGE (committed_at)
batch_keys_default PART DEFAULT
delivery WITH (fillfactor=70)
lane WITH (fillfactor=50, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=200)
measure WITH (fillfactor=50)
partition WITH (fillfactor=70, autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_threshold=1000, autovacuum_vacuum_cost_delay=0)
request_budget WITH (fillfactor=50)
request_holder WITH (fillfactor=50)
request_schedule WITH (fillfactor=50, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=200)
sequencer WITH (fillfactor=20)
tally WITH (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=1000, autovacuum_vacuum_cost_delay=0)
worker WITH (fillfactor=50)

-- Constraints
attempt attempt_outcome_known CHECK ((outcome = ANY (ARRAY['succeeded'::text, 'failed'::text, 'rate_limited'::text, 'lost'::text, 'released'::text, 'cancelled'::text, 'replaced'::text])))
attempt_default attempt_outcome_known CHECK ((outcome = ANY (ARRAY['succeeded'::text, 'failed'::text, 'rate_limited'::text, 'lost'::text, 'released'::text, 'cancelled'::text, 'replaced'::text])))
backfill backfill_concurrency_positive CHECK ((concurrency > 0))
backfill backfill_ended_within_total CHECK ((((((succeeded + failed) + skipped) + replaced) + cancelled) <= total))
backfill backfill_finished_is_terminal CHECK (((finished_at IS NOT NULL) = (state = ANY (ARRAY['succeeded'::text, 'partially_failed'::text, 'failed'::text, 'cancelled'::text]))))
backfill backfill_mode_known CHECK ((mode = ANY (ARRAY['load'::text, 'redrive'::text, 'verify'::text])))
backfill backfill_only_known CHECK ((only_set = ANY (ARRAY['missing'::text, 'failed'::text, 'all'::text])))
backfill backfill_ordering_known CHECK ((ordering = ANY (ARRAY['oldest'::text, 'newest'::text, 'strict'::text])))
backfill backfill_outcomes_add_up CHECK ((read = (((((((inserted + versioned) + unchanged) + kept) + stale) + duplicate) + rejected) + outside)))
backfill backfill_pkey PRIMARY KEY (id)
backfill backfill_policy_known CHECK ((policy = ANY (ARRAY['keep_first'::text, 'new_version'::text, 'reject'::text])))
backfill backfill_state_known CHECK ((state = ANY (ARRAY['awaiting_approval'::text, 'running'::text, 'paused'::text, 'succeeded'::text, 'partially_failed'::text, 'failed'::text, 'cancelled'::text])))
backfill backfill_stream FOREIGN KEY (stream_id) REFERENCES stream(id)
backfill backfill_total_limited CHECK (((total >= 0) AND (total <= 1000000)))
backfill backfill_verifies_another CHECK (((mode = 'verify'::text) = (verifies IS NOT NULL)))
backfill backfill_verify_by_positive CHECK ((verify_by >= 0))
backfill backfill_window_not_empty CHECK ((from_at < to_at))
backfill_measure backfill_measure_pkey PRIMARY KEY (backfill_id, name, currency, day)
batch batch_outcomes_add_up CHECK ((read = (((((((inserted + versioned) + unchanged) + kept) + stale) + duplicate) + rejected) + outside)))
batch batch_pkey PRIMARY KEY (backfill_id, number, sequence, committed_at)
batch_default batch_default_pkey PRIMARY KEY (backfill_id, number, sequence, committed_at)
batch_default batch_outcomes_add_up CHECK ((read = (((((((inserted + versioned) + unchanged) + kept) + stale) + duplicate) + rejected) + outside)))
comparison comparison_days_positive CHECK ((days >= 0))
comparison comparison_pkey PRIMARY KEY (id)
comparison_pair comparison_pair_pkey PRIMARY KEY (comparison_id, number)
delivery delivery_ended_has_time CHECK (((state = 'pending'::text) = (ended_at IS NULL)))
delivery delivery_given_up_has_reason CHECK (((state <> 'given_up'::text) OR (message IS NOT NULL)))
delivery delivery_notice FOREIGN KEY (notice_id) REFERENCES notice(id)
delivery delivery_pending_has_time CHECK (((state = 'pending'::text) = (next_attempt_at IS NOT NULL)))
delivery delivery_pkey PRIMARY KEY (notice_id, subscription_id)
delivery delivery_state_known CHECK ((state = ANY (ARRAY['pending'::text, 'delivered'::text, 'given_up'::text])))
delivery delivery_subscription FOREIGN KEY (subscription_id) REFERENCES subscription(id)
document document_pkey PRIMARY KEY (stream_id, key)
document_version document_version_pkey PRIMARY KEY (stream_id, key, version)
gone gone_pkey PRIMARY KEY (stream_id, key)
lane lane_concurrency_positive CHECK ((concurrency > 0))
lane lane_pkey PRIMARY KEY (backfill_id)
measure measure_pkey PRIMARY KEY (stream_id, name, currency, day)
migration migration_pkey PRIMARY KEY (version)
notice notice_backfill FOREIGN KEY (backfill_id) REFERENCES backfill(id)
notice notice_kind_known CHECK ((kind = ANY (ARRAY['finished'::text, 'finished_with_failures'::text, 'partition_failed'::text, 'blocked'::text, 'verified'::text, 'difference_found'::text, 'test'::text])))
notice notice_of_a_backfill CHECK (((backfill_id IS NULL) = (kind = 'test'::text)))
notice notice_pkey PRIMARY KEY (id)
notice notice_settled_has_facts CHECK (((settles_at IS NULL) = (facts IS NOT NULL)))
partition partition_failed_has_reason CHECK (((state <> 'failed'::text) OR (kind IS NOT NULL)))
partition partition_finished_is_terminal CHECK (((finished_at IS NOT NULL) = (state = ANY (ARRAY['succeeded'::text, 'failed'::text, 'skipped'::text, 'replaced'::text, 'cancelled'::text]))))
partition partition_outcomes_add_up CHECK ((read = (((((((inserted + versioned) + unchanged) + kept) + stale) + duplicate) + rejected) + outside)))
partition partition_parent_is_older CHECK ((parent < number))
partition partition_pkey PRIMARY KEY (backfill_id, number)
partition partition_running_has_lease CHECK (((state <> 'running'::text) OR ((lease_until IS NOT NULL) AND (claimed_at IS NOT NULL) AND (worker_id IS NOT NULL))))
partition partition_state_known CHECK ((state = ANY (ARRAY['waiting'::text, 'ready'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'skipped'::text, 'replaced'::text, 'quarantined'::text, 'cancelled'::text])))
partition partition_verified_succeeded CHECK (((verified_at IS NULL) OR (state = 'succeeded'::text)))
partition partition_waiting_has_time CHECK (((state <> 'waiting'::text) OR (not_before IS NOT NULL)))
partition partition_window_not_empty CHECK ((from_at < to_at))
proof proof_method_known CHECK ((method = ANY (ARRAY['totals'::text, 'listing'::text])))
proof proof_pkey PRIMARY KEY (verification, number)
proof_difference proof_difference_pkey PRIMARY KEY (verification, verifier, key, verdict)
proof_sum proof_sum_pkey PRIMARY KEY (verification, verifier, day, name, currency)
rejection rejection_closing_known CHECK ((((closed_at IS NULL) = (closed_as IS NULL)) AND (closed_as = ANY (ARRAY['redriven'::text, 'discarded'::text, 'read_again'::text]))))
rejection rejection_pkey PRIMARY KEY (id)
request_budget request_budget_concurrency_positive CHECK ((concurrency > 0))
request_budget request_budget_pkey PRIMARY KEY (source_id)
request_budget request_budget_source FOREIGN KEY (source_id) REFERENCES source(id)
request_holder request_holder_limit FOREIGN KEY (limit_id) REFERENCES request_limit(id) ON DELETE CASCADE
request_holder request_holder_pkey PRIMARY KEY (id)
request_limit request_limit_kind_known CHECK ((kind = ANY (ARRAY['paced'::text, 'metered'::text, 'daily'::text, 'concurrent'::text])))
request_limit request_limit_name_unique UNIQUE (source_id, name)
request_limit request_limit_pkey PRIMARY KEY (id)
request_limit request_limit_source FOREIGN KEY (source_id) REFERENCES source(id)
request_limit request_limit_spacing_positive CHECK (((spacing > 0) OR (kind <> ALL (ARRAY['paced'::text, 'metered'::text]))))
request_schedule request_schedule_limit FOREIGN KEY (limit_id) REFERENCES request_limit(id) ON DELETE CASCADE
request_schedule request_schedule_pkey PRIMARY KEY (limit_id, bucket)
sequencer sequencer_failure_has_time CHECK (((failed_at IS NULL) = (failure IS NULL)))
sequencer sequencer_is_one CHECK (is_one)
sequencer sequencer_pkey PRIMARY KEY (is_one)
source source_name_unique UNIQUE (name)
source source_pkey PRIMARY KEY (id)
stream stream_name_unique UNIQUE (name)
stream stream_pkey PRIMARY KEY (id)
stream stream_source FOREIGN KEY (source_id) REFERENCES source(id)
subscription subscription_disabled_has_reason CHECK (((disabled_at IS NULL) = (disabled_reason IS NULL)))
subscription subscription_events_known CHECK (((cardinality(events) > 0) AND (events <@ ARRAY['finished'::text, 'finished_with_failures'::text, 'partition_failed'::text, 'blocked'::text, 'verified'::text, 'difference_found'::text])))
subscription subscription_name_unique UNIQUE (name)
subscription subscription_pkey PRIMARY KEY (id)
subscription subscription_scope_not_empty CHECK ((((cardinality(sources) + cardinality(streams)) + cardinality(tags)) > 0))
tally tally_pkey PRIMARY KEY (id)
verify_key verify_key_pkey PRIMARY KEY (backfill_id, number, key, is_rejected)
verify_key verify_key_standing_known CHECK ((standing = ANY (ARRAY['same'::text, 'other'::text, 'older'::text, 'absent'::text, 'unlisted'::text, 'refused'::text, 'unrefused'::text, 'broken'::text, 'unsettled'::text])))
worker worker_pkey PRIMARY KEY (id)

-- Indexes
CREATE INDEX attempt_by_partition ON ONLY backfill.attempt USING btree (backfill_id, number, attempt)
CREATE INDEX attempt_default_backfill_id_number_attempt_idx ON backfill.attempt_default USING btree (backfill_id, number, attempt)
CREATE INDEX backfill_by_stream ON backfill.backfill USING btree (stream_id, id)
CREATE INDEX backfill_by_verified ON backfill.backfill USING btree (verifies, id) WHERE (verifies IS NOT NULL)
CREATE UNIQUE INDEX backfill_measure_pkey ON backfill.backfill_measure USING btree (backfill_id, name, currency, day)
CREATE UNIQUE INDEX backfill_pkey ON backfill.backfill USING btree (id)
CREATE UNIQUE INDEX batch_default_pkey ON backfill.batch_default USING btree (backfill_id, number, sequence, committed_at)
CREATE INDEX batch_keys_by_backfill ON ONLY backfill.batch_keys USING btree (backfill_id, outcome)
CREATE INDEX batch_keys_default_backfill_id_outcome_idx ON backfill.batch_keys_default USING btree (backfill_id, outcome)
CREATE UNIQUE INDEX batch_pkey ON ONLY backfill.batch USING btree (backfill_id, number, sequence, committed_at)
CREATE UNIQUE INDEX comparison_pair_pkey ON backfill.comparison_pair USING btree (comparison_id, number)
CREATE UNIQUE INDEX comparison_pkey ON backfill.comparison USING btree (id)
CREATE INDEX delivery_due ON backfill.delivery USING btree (next_attempt_at) WHERE (state = 'pending'::text)
CREATE UNIQUE INDEX delivery_pkey ON backfill.delivery USING btree (notice_id, subscription_id)
CREATE INDEX document_by_time ON backfill.document USING brin (event_at) WITH (pages_per_range='32', autosummarize='on')
CREATE UNIQUE INDEX document_pkey ON backfill.document USING btree (stream_id, key)
CREATE UNIQUE INDEX document_version_pkey ON backfill.document_version USING btree (stream_id, key, version)
CREATE UNIQUE INDEX gone_pkey ON backfill.gone USING btree (stream_id, key)
CREATE INDEX lane_by_source ON backfill.lane USING btree (source_id)
CREATE INDEX lane_open ON backfill.lane USING btree (source_id) WHERE (NOT paused)
CREATE UNIQUE INDEX lane_pkey ON backfill.lane USING btree (backfill_id)
CREATE UNIQUE INDEX measure_pkey ON backfill.measure USING btree (stream_id, name, currency, day)
CREATE UNIQUE INDEX migration_pkey ON backfill.migration USING btree (version)
CREATE INDEX notice_newest ON backfill.notice USING btree (created_at)
CREATE UNIQUE INDEX notice_once ON backfill.notice USING btree (backfill_id, kind, cause) WHERE (closed_at IS NULL)
CREATE UNIQUE INDEX notice_pkey ON backfill.notice USING btree (id)
CREATE INDEX notice_settling ON backfill.notice USING btree (settles_at) WHERE (settles_at IS NOT NULL)
CREATE INDEX partition_blocking ON backfill.partition USING btree (backfill_id, rank, place) WHERE (state = ANY (ARRAY['failed'::text, 'quarantined'::text]))
CREATE INDEX partition_by_parent ON backfill.partition USING btree (backfill_id, parent) WHERE (parent IS NOT NULL)
CREATE UNIQUE INDEX partition_pkey ON backfill.partition USING btree (backfill_id, number)
CREATE INDEX partition_ready ON backfill.partition USING btree (backfill_id, rank, place) WHERE (state = 'ready'::text)
CREATE INDEX partition_running ON backfill.partition USING btree (backfill_id, claimed_at) WHERE (state = 'running'::text)
CREATE INDEX partition_verified ON backfill.partition USING btree (backfill_id, from_at) WHERE (verified_at IS NOT NULL)
CREATE INDEX partition_waiting ON backfill.partition USING btree (backfill_id, not_before) WHERE (state = 'waiting'::text)
CREATE UNIQUE INDEX proof_difference_pkey ON backfill.proof_difference USING btree (verification, verifier, key, verdict)
CREATE INDEX proof_of_partition ON backfill.proof USING btree (backfill_id, number, verification)
CREATE UNIQUE INDEX proof_pkey ON backfill.proof USING btree (verification, number)
CREATE UNIQUE INDEX proof_sum_pkey ON backfill.proof_sum USING btree (verification, verifier, day, name, currency)
CREATE INDEX rejection_by_key ON backfill.rejection USING btree (stream_id, key) WHERE (key IS NOT NULL)
CREATE INDEX rejection_by_partition ON backfill.rejection USING btree (backfill_id, number, id)
CREATE INDEX rejection_by_record ON backfill.rejection USING btree (stream_id, sha256(record))
CREATE INDEX rejection_open ON backfill.rejection USING btree (id) WHERE (closed_at IS NULL)
CREATE UNIQUE INDEX rejection_pkey ON backfill.rejection USING btree (id)
CREATE UNIQUE INDEX request_budget_pkey ON backfill.request_budget USING btree (source_id)
CREATE INDEX request_holder_by_limit ON backfill.request_holder USING btree (limit_id, bucket)
CREATE UNIQUE INDEX request_holder_pkey ON backfill.request_holder USING btree (id)
CREATE UNIQUE INDEX request_limit_name_unique ON backfill.request_limit USING btree (source_id, name)
CREATE UNIQUE INDEX request_limit_pkey ON backfill.request_limit USING btree (id)
CREATE UNIQUE INDEX request_schedule_pkey ON backfill.request_schedule USING btree (limit_id, bucket)
CREATE UNIQUE INDEX sequencer_pkey ON backfill.sequencer USING btree (is_one)
CREATE UNIQUE INDEX source_name_unique ON backfill.source USING btree (name)
CREATE UNIQUE INDEX source_pkey ON backfill.source USING btree (id)
CREATE UNIQUE INDEX stream_name_unique ON backfill.stream USING btree (name)
CREATE UNIQUE INDEX stream_pkey ON backfill.stream USING btree (id)
CREATE UNIQUE INDEX subscription_name_unique ON backfill.subscription USING btree (name)
CREATE UNIQUE INDEX subscription_pkey ON backfill.subscription USING btree (id)
CREATE UNIQUE INDEX tally_pkey ON backfill.tally USING btree (id)
CREATE INDEX verify_key_elsewhere ON backfill.verify_key USING btree (backfill_id, key) WHERE (standing = ANY (ARRAY['other'::text, 'older'::text]))
CREATE UNIQUE INDEX verify_key_pkey ON backfill.verify_key USING btree (backfill_id, number, key, is_rejected)
CREATE INDEX verify_key_suspect ON backfill.verify_key USING btree (backfill_id, number, key, is_rejected) WHERE (standing <> 'same'::text)
CREATE INDEX worker_alive ON backfill.worker USING btree (heartbeat_at) WHERE (stopped_at IS NULL)
CREATE UNIQUE INDEX worker_pkey ON backfill.worker USING btree (id)

-- Sequences
backfill_id_seq cache 1
batch_id cache 1
comparison_id_seq cache 1
rejection_id_seq cache 1
request_holder_id_seq cache 1
request_limit_id_seq cache 1
source_id_seq cache 1
stream_id_seq cache 1
subscription_id_seq cache 1
tally_id_seq cache 1
worker_id_seq cache 1

-- Functions and triggers
CREATE OR REPLACE FUNCTION backfill.add_history_day(p_kind text, p_day date)
 RETURNS integer
 LANGUAGE plpgsql
 SET lock_timeout TO '3s'
AS $function$
DECLARE
  field text := CASE p_kind WHEN 'attempt' THEN 'ended_at' ELSE 'committed_at' END;
  child text := p_kind || '_' || to_char(p_day, 'YYYYMMDD');
  from_at timestamptz := p_day::timestamp AT TIME ZONE 'UTC';
  to_at timestamptz := (p_day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
  -- Whoever is at it already does it all.
  IF to_regclass('backfill.' || child) IS NOT NULL
      OR NOT pg_try_advisory_xact_lock(x'6261636b00000004'::bigint) THEN
    RETURN 0;
  END IF;
  -- Nothing may come into the default table between the move and the attachment; and who is on
  -- the way there must wait before it is decided that the row goes there.
  EXECUTE format('LOCK TABLE ONLY backfill.%I IN SHARE ROW EXCLUSIVE MODE', p_kind);
  EXECUTE format('LOCK TABLE backfill.%I IN ACCESS EXCLUSIVE MODE', p_kind || '_default');
  EXECUTE format('CREATE TABLE backfill.%I (LIKE backfill.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
    child, p_kind);
  EXECUTE format(
    'WITH moved AS (DELETE FROM backfill.%I WHERE %I >= %L AND %I < %L RETURNING *)
     INSERT INTO backfill.%I SELECT * FROM moved',
    p_kind || '_default', field, from_at, field, to_at, child);
  EXECUTE format(
    'ALTER TABLE backfill.%I ATTACH PARTITION backfill.%I FOR VALUES FROM (%L) TO (%L)',
    p_kind, child, from_at, to_at);
  RETURN 1;
END $function$

CREATE OR REPLACE FUNCTION backfill.add_source_sums(p_verification bigint, p_verifier integer, sums jsonb)
 RETURNS void
 LANGUAGE sql
AS $function$
  INSERT INTO backfill.proof_sum AS known (verification, verifier, day, name, currency,
      source_amount, source_records)
    SELECT p_verification, p_verifier, (m->>1)::date, m->>0, m->>2, (m->>3)::numeric,
        (m->>4)::bigint
      FROM jsonb_array_elements(sums) AS m
    ON CONFLICT (verification, verifier, day, name, currency) DO UPDATE
      SET source_amount = known.source_amount + excluded.source_amount,
        source_records = known.source_records + excluded.source_records
$function$

CREATE OR REPLACE FUNCTION backfill.advance_frontiers()
 RETURNS integer
 LANGUAGE plpgsql
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
DECLARE
  one record;
  moved int := 0;
BEGIN
  UPDATE backfill.lane l
    SET searched_at = clock_timestamp(),
      ready_frontier = least(l.ready_frontier, (SELECT p.rank FROM backfill.partition p
        WHERE p.backfill_id = l.backfill_id AND p.state = 'ready'
        ORDER BY p.rank, p.place LIMIT 1)),
      ready_place = DEFAULT,
      due_frontier = least(l.due_frontier, (SELECT p.not_before FROM backfill.partition p
        WHERE p.backfill_id = l.backfill_id AND p.state = 'waiting'
        ORDER BY p.not_before LIMIT 1)),
      running_frontier = least(l.running_frontier, (SELECT p.claimed_at FROM backfill.partition p
        WHERE p.backfill_id = l.backfill_id AND p.state = 'running'
        ORDER BY p.claimed_at LIMIT 1))
    WHERE l.backfill_id IN (
      SELECT s.backfill_id FROM backfill.lane s
        WHERE s.searched_at < clock_timestamp() - interval '1 minute'
        ORDER BY s.backfill_id
        FOR NO KEY UPDATE SKIP LOCKED
    );
  PERFORM FROM backfill.request_budget b ORDER BY b.source_id FOR NO KEY UPDATE;
  FOR one IN
    SELECT l.* FROM backfill.lane l ORDER BY l.backfill_id FOR NO KEY UPDATE SKIP LOCKED
  LOOP
    UPDATE backfill.lane l
      SET ready_frontier = next.ready, ready_place = next.place, due_frontier = next.due,
        running_frontier = next.running
      FROM (
        SELECT coalesce(first.rank, 2147483647) AS ready,
          coalesce(first.place, 9223372036854775807) AS place,
          least(clock_timestamp() - interval '1 minute',
            (SELECT p.not_before FROM backfill.partition p
              WHERE p.backfill_id = one.backfill_id AND p.state = 'waiting'
                AND p.not_before >= one.due_frontier
              ORDER BY p.not_before LIMIT 1)) AS due,
          coalesce((SELECT p.claimed_at FROM backfill.partition p
            WHERE p.backfill_id = one.backfill_id AND p.state = 'running'
              AND p.claimed_at >= one.running_frontier
            ORDER BY p.claimed_at LIMIT 1), clock_timestamp()) AS running
          FROM (SELECT) AS always
          LEFT JOIN LATERAL (
            SELECT p.rank, p.place FROM backfill.partition p
              WHERE p.backfill_id = one.backfill_id AND p.state = 'ready'
                AND (p.rank, p.place) >= (one.ready_frontier, one.ready_place)
              ORDER BY p.rank, p.place LIMIT 1
          ) AS first ON true
      ) AS next
      WHERE l.backfill_id = one.backfill_id
        AND ((l.ready_frontier, l.ready_place) <> (next.ready, next.place)
          OR l.due_frontier < next.due - interval '10 seconds'
          OR l.running_frontier < next.running - interval '1 second');
    IF FOUND THEN
      moved := moved + 1;
    END IF;
  END LOOP;
  RETURN moved;
END $function$

CREATE OR REPLACE FUNCTION backfill.begin_verification(p_backfill bigint, p_number integer, p_fence bigint)
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION backfill.claim(p_worker bigint, p_room integer, p_lease interval)
 RETURNS TABLE(backfill_id bigint, number integer, fence bigint, from_at timestamp with time zone, to_at timestamp with time zone, checkpoint text, batch_sequence integer, attempts integer, failures integer, read bigint, rejected bigint, claimed_at timestamp with time zone)
 LANGUAGE plpgsql
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
#variable_conflict use_column
DECLARE
  sources int[];
  now_at timestamptz;
BEGIN
  SELECT array_agg(g.source_id) INTO sources
    FROM (
      SELECT b.source_id FROM backfill.request_budget b
        WHERE (b.held_until IS NULL OR b.held_until <= clock_timestamp())
          AND EXISTS (SELECT FROM backfill.lane l
            WHERE l.source_id = b.source_id AND NOT l.paused)
        ORDER BY b.source_id
        FOR NO KEY UPDATE
    ) AS g;
  IF sources IS NULL THEN
    RETURN;
  END IF;
  now_at := clock_timestamp();

  RETURN QUERY
  WITH source AS MATERIALIZED (
    -- How many more partitions the source may run; null where nothing caps it.
    SELECT b.source_id, b.concurrency - (
        SELECT count(*) FROM backfill.lane l
          JOIN backfill.partition p ON p.backfill_id = l.backfill_id
          WHERE b.concurrency IS NOT NULL AND l.source_id = b.source_id
            AND p.state = 'running' AND p.claimed_at >= l.running_frontier
      ) AS room
      FROM backfill.request_budget b WHERE b.source_id = ANY (sources)
  ), lane AS MATERIALIZED (
    SELECT l.*, running.count AS running,
        least(p_room, source.room, l.concurrency - running.count) AS room
      FROM source
      JOIN backfill.lane l ON l.source_id = source.source_id
      CROSS JOIN LATERAL (
        SELECT count(*) FROM backfill.partition p
          WHERE p.backfill_id = l.backfill_id AND p.state = 'running'
            AND p.claimed_at >= l.running_frontier
      ) AS running
      WHERE NOT l.paused AND (source.room IS NULL OR source.room > 0)
  ), candidate AS MATERIALIZED (
    SELECT lane.source_id, lane.priority, lane.backfill_id, lane.running_frontier, due.number,
        lane.running + row_number() OVER (
          PARTITION BY lane.backfill_id ORDER BY due.is_ready, due.rank, due.place) AS turn
      FROM lane
      CROSS JOIN LATERAL (
        -- What is tried again goes first; both together stay within the room of the lane.
        SELECT * FROM (
          (SELECT p.number, p.rank, p.place, false AS is_ready
            FROM backfill.partition p
            WHERE p.backfill_id = lane.backfill_id AND p.state = 'waiting'
              AND p.not_before >= lane.due_frontier AND p.not_before <= now_at
            ORDER BY p.not_before
            LIMIT lane.room)
          UNION ALL
          (SELECT p.number, p.rank, p.place, true
            FROM backfill.partition p
            WHERE p.backfill_id = lane.backfill_id AND p.state = 'ready'
              AND (p.rank, p.place) >= (lane.ready_frontier, lane.ready_place)
            ORDER BY p.rank, p.place
            LIMIT lane.room)
        ) AS claimable
        ORDER BY is_ready, rank, place
        LIMIT lane.room
      ) AS due
      WHERE NOT lane.strict AND lane.room > 0
    UNION ALL
    -- One at a time, in order: the first that has not ended, if it may run at all.
    SELECT lane.source_id, lane.priority, lane.backfill_id, lane.running_frontier, head.number, 1
      FROM lane
      CROSS JOIN LATERAL (
        SELECT * FROM (
          (SELECT p.number, p.rank, p.place, now_at AS due_at FROM backfill.partition p
            WHERE p.backfill_id = lane.backfill_id AND p.state = 'ready'
              AND (p.rank, p.place) >= (lane.ready_frontier, lane.ready_place)
            ORDER BY p.rank, p.place LIMIT 1)
          UNION ALL
          (SELECT p.number, p.rank, p.place, p.not_before FROM backfill.partition p
            WHERE p.backfill_id = lane.backfill_id AND p.state = 'waiting'
              AND p.not_before >= lane.due_frontier
            ORDER BY p.rank, p.place LIMIT 1)
        ) AS unfinished
        ORDER BY rank, place LIMIT 1
      ) AS head
      WHERE lane.strict AND lane.running = 0 AND lane.room > 0 AND head.due_at <= now_at
        AND NOT EXISTS (SELECT FROM backfill.partition p
          WHERE p.backfill_id = lane.backfill_id AND p.state IN ('failed', 'quarantined')
            AND (p.rank, p.place) < (head.rank, head.place))
  ), ranked AS MATERIALIZED (
    SELECT candidate.*, source.room, row_number() OVER (
        PARTITION BY candidate.source_id
        ORDER BY candidate.priority DESC, candidate.turn, candidate.backfill_id) AS source_turn
      FROM candidate JOIN source ON source.source_id = candidate.source_id
  ), chosen AS MATERIALIZED (
    SELECT ranked.backfill_id, ranked.number, ranked.running_frontier
      FROM ranked
      WHERE ranked.room IS NULL OR ranked.source_turn <= ranked.room
      ORDER BY ranked.priority DESC, ranked.turn, ranked.backfill_id
      LIMIT p_room
  ), locked AS MATERIALIZED (
    SELECT p.row_id, chosen.running_frontier
      FROM chosen
      CROSS JOIN LATERAL (
        SELECT p.ctid AS row_id FROM backfill.partition p
          WHERE p.backfill_id = chosen.backfill_id AND p.number = chosen.number
            AND p.state IN ('ready', 'waiting')
          FOR NO KEY UPDATE SKIP LOCKED
      ) AS p
  ), claimed AS (
    -- By the address of the locked rows: no plan can look for them in another way. Where an
    -- operator changed one between snapshot and lock, it is left for the next claim. Nothing is
    -- claimed before the frontier behind which no running partition is looked for, even if the
    -- clock is set back.
    UPDATE backfill.partition p
      SET state = 'running', fence = p.fence + 1, attempts = p.attempts + 1,
        attempt_sequence = p.batch_sequence, worker_id = p_worker,
        claimed_at = greatest(now_at, (SELECT max(locked.running_frontier) FROM locked)),
        lease_until = now_at + p_lease, not_before = NULL, kind = NULL, message = NULL
      WHERE p.ctid = ANY (ARRAY(SELECT locked.row_id FROM locked))
      RETURNING p.*
  )
  SELECT p.backfill_id, p.number, p.fence, p.from_at, p.to_at, p.checkpoint, p.batch_sequence,
      p.attempts, p.failures, p.read, p.rejected, p.claimed_at
    FROM claimed p
    ORDER BY p.backfill_id, p.rank, p.place;
END $function$

CREATE OR REPLACE FUNCTION backfill.commit_batch(p_backfill bigint, p_number integer, p_fence bigint, p_sequence integer, p_header text DEFAULT NULL::text, p_keys text[] DEFAULT NULL::text[], p_hashes bytea[] DEFAULT NULL::bytea[], OUT status text, OUT inserted integer, OUT versioned integer, OUT unchanged integer, OUT kept integer, OUT stale integer, OUT duplicate integer, OUT rejected integer, OUT outside integer, OUT state text)
 RETURNS record
 LANGUAGE plpgsql
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION backfill.commit_listing(p_backfill bigint, p_number integer, p_fence bigint, p_sequence integer, OUT status text, OUT inserted integer, OUT versioned integer, OUT unchanged integer, OUT kept integer, OUT stale integer, OUT duplicate integer, OUT rejected integer, OUT outside integer, OUT state text)
 RETURNS record
 LANGUAGE plpgsql
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'on'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION backfill.commit_verdicts(p_backfill bigint, p_number integer, p_fence bigint, p_sequence integer, p_header text, p_keys text[], p_rejected boolean[], p_verdicts text[])
 RETURNS text
 LANGUAGE plpgsql
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION backfill.comparable(payload text, excluded jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION backfill.compare_side(p_stream integer, p_path text[], p_measure text, p_from timestamp with time zone, p_to timestamp with time zone)
 RETURNS TABLE(match text, currency text, records bigint, amount numeric, refunded numeric, first_at timestamp with time zone)
 LANGUAGE sql
 STABLE
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'on'
AS $function$
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
$function$

CREATE OR REPLACE FUNCTION backfill.compare_streams(p_left integer, p_right integer, p_left_path text[], p_right_path text[], p_left_measure text, p_right_measure text, p_from timestamp with time zone, p_to timestamp with time zone, p_time_zone text, p_days integer, p_requested_by text)
 RETURNS bigint
 LANGUAGE plpgsql
 SET jit TO 'off'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION backfill.conclude_verification(p_backfill bigint, p_number integer, p_fence bigint, p_sequence integer, p_header text)
 RETURNS text
 LANGUAGE plpgsql
 SET jit TO 'off'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION backfill.day_end(p_at bigint, p_zone text)
 RETURNS bigint
 LANGUAGE sql
 STABLE
AS $function$
  SELECT backfill.microseconds(
    (date_trunc('day', to_timestamp(p_at / 1000000) AT TIME ZONE p_zone) + interval '1 day')
      AT TIME ZONE p_zone)
$function$

CREATE OR REPLACE FUNCTION backfill.drop_history_days(p_kind text, p_before date)
 RETURNS integer
 LANGUAGE plpgsql
 SET lock_timeout TO '3s'
AS $function$
DECLARE
  bound timestamptz := p_before::timestamp AT TIME ZONE 'UTC';
  child record;
  dropped int := 0;
BEGIN
  IF NOT pg_try_advisory_xact_lock(x'6261636b00000004'::bigint) THEN
    RETURN 0;
  END IF;
  bound := least(bound, (SELECT min(b.submitted_at) FROM backfill.backfill b
    WHERE b.finished_at IS NULL));
  FOR child IN
    SELECT c.relname
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = ('backfill.' || p_kind)::regclass AND c.relname ~ '_[0-9]{8}$'
        AND (to_date(right(c.relname, 8), 'YYYYMMDD') + 1)::timestamp AT TIME ZONE 'UTC' <= bound
      ORDER BY c.relname
  LOOP
    EXECUTE format('DROP TABLE backfill.%I', child.relname);
    dropped := dropped + 1;
  END LOOP;
  EXECUTE format('DELETE FROM backfill.%I WHERE %I < %L', p_kind || '_default',
    CASE p_kind WHEN 'attempt' THEN 'ended_at' ELSE 'committed_at' END, bound);
  RETURN dropped;
END $function$

CREATE OR REPLACE FUNCTION backfill.give_back_slots(p_limits integer[], p_buckets text[], p_slots bigint[], p_costs bigint[], p_holders bigint[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION backfill.grant_slots(p_source integer, p_revision integer, p_limits integer[], p_buckets text[], p_costs bigint[], p_count integer, p_horizon bigint, p_lease bigint)
 RETURNS TABLE(now_at bigint, slot_at bigint, slot_until bigint, slots bigint[], ordinals bigint[], holders bigint[], wait bigint, reason text)
 LANGUAGE plpgsql
 SET jit TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION backfill.hold_requests(p_source integer, p_limits integer[], p_buckets text[], p_for bigint, p_reason text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION backfill.in_scope(sub subscription, stream text, its_tags text[])
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT stream = ANY (sub.streams) OR split_part(stream, '.', 1) = ANY (sub.sources)
    OR its_tags && sub.tags
$function$

CREATE OR REPLACE FUNCTION backfill.judge_batch(p_backfill bigint, p_number integer, p_fence bigint, p_sequence integer, OUT status text, OUT part partition)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION backfill.lower_budget(p_limit integer, p_bucket text, p_ordinal bigint, p_available bigint, p_left bigint, p_left_for bigint, p_slower bigint)
 RETURNS void
 LANGUAGE sql
AS $function$
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
$function$

CREATE OR REPLACE FUNCTION backfill.microseconds(p_at timestamp with time zone)
 RETURNS bigint
 LANGUAGE sql
 STABLE
AS $function$ SELECT (extract(epoch FROM p_at) * 1000000)::bigint $function$

CREATE OR REPLACE FUNCTION backfill.note_verified_batch(part partition, p_sequence integer, header jsonb, p_counts integer[], p_ends boolean)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION backfill.return_gone()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  stream int;
BEGIN
  SELECT b.stream_id INTO stream FROM backfill.backfill b WHERE b.id = NEW.backfill_id;
  IF EXISTS (SELECT FROM backfill.gone g WHERE g.stream_id = stream) THEN
    DELETE FROM backfill.gone g WHERE g.stream_id = stream AND g.key = ANY (NEW.keys);
  END IF;
  RETURN NULL;
END $function$

CREATE OR REPLACE FUNCTION backfill.split_partition(p_backfill bigint, p_number integer, p_fence bigint, p_cuts timestamp with time zone[], p_done boolean, p_kind text, p_message text, p_requests integer, OUT status text, OUT parts integer[])
 RETURNS record
 LANGUAGE plpgsql
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
DECLARE
  owner record;
  part record;
  now_at timestamptz;
  last_number int;
  outcome text := CASE WHEN p_done THEN 'succeeded' ELSE 'replaced' END;
BEGIN
  SELECT b.total, b.ordering, b.mode INTO owner
    FROM backfill.backfill b WHERE b.id = p_backfill FOR NO KEY UPDATE;
  PERFORM FROM backfill.lane l WHERE l.backfill_id = p_backfill FOR NO KEY UPDATE;
  SELECT p.fence, p.state, p.rank, p.from_at, p.to_at, p.attempts, p.claimed_at, p.worker_id,
      p.batch_sequence, p.attempt_sequence, p.lease_until
    INTO part
    FROM backfill.partition p
    WHERE p.backfill_id = p_backfill AND p.number = p_number
    FOR NO KEY UPDATE;
  -- The clock is read here and not above: there it would be read before the locks were waited for.
  now_at := clock_timestamp();
  status := CASE
    WHEN part.fence = p_fence + 1 AND part.state = outcome THEN 'repeated'
    WHEN part.fence IS DISTINCT FROM p_fence OR part.state IS DISTINCT FROM 'running'
      THEN 'fenced'
    WHEN part.lease_until <= now_at THEN 'expired'
    WHEN owner.total + cardinality(p_cuts) + (NOT p_done)::int > 1000000 THEN 'too_many'
    ELSE 'split' END;
  IF status = 'repeated' THEN
    SELECT array_agg(p.number ORDER BY p.number) INTO parts
      FROM backfill.partition p WHERE p.backfill_id = p_backfill AND p.parent = p_number;
  END IF;
  IF status <> 'split' THEN
    RETURN;
  END IF;

  SELECT p.number INTO last_number
    FROM backfill.partition p WHERE p.backfill_id = p_backfill ORDER BY p.number DESC LIMIT 1;
  WITH bound AS (
    SELECT b.at, lead(b.at) OVER (ORDER BY b.turn) AS next, b.turn
      FROM unnest(CASE WHEN p_done THEN '{}' ELSE ARRAY[part.from_at] END || p_cuts || part.to_at)
        WITH ORDINALITY AS b(at, turn)
  ), made AS (
    INSERT INTO backfill.partition (backfill_id, number, rank, place, parent, from_at, to_at)
      SELECT p_backfill, last_number + b.turn, part.rank,
          (extract(epoch FROM b.at) * 1000000)::bigint
            * CASE owner.ordering WHEN 'newest' THEN -1 ELSE 1 END,
          p_number, b.at, b.next
        FROM bound b WHERE b.next IS NOT NULL
      RETURNING number
  )
  SELECT array_agg(m.number ORDER BY m.number) INTO parts FROM made m;

  UPDATE backfill.partition p
    SET state = outcome, fence = p.fence + 1, finished_at = now_at,
      to_at = CASE WHEN p_done THEN p_cuts[1] ELSE p.to_at END,
      checkpoint = CASE WHEN p_done THEN NULL ELSE p.checkpoint END,
      kind = p_kind, message = p_message, requests = p.requests + p_requests
    WHERE p.backfill_id = p_backfill AND p.number = p_number;
  -- What was rejected of a window that is read again from its beginning is met again.
  IF NOT p_done THEN
    WITH refused AS MATERIALIZED (
      SELECT r.id FROM backfill.rejection r
        WHERE r.backfill_id = p_backfill AND r.number = p_number AND r.closed_at IS NULL
        ORDER BY r.id FOR UPDATE
    )
    UPDATE backfill.rejection SET closed_at = now_at, closed_as = 'read_again'
      WHERE id IN (SELECT id FROM refused);
  END IF;
  -- What a verifying partition listed so far, its parts list anew (0011).
  IF owner.mode = 'verify' THEN
    DELETE FROM backfill.verify_key k WHERE k.backfill_id = p_backfill AND k.number = p_number;
    DELETE FROM backfill.proof_sum s WHERE s.verification = p_backfill AND s.verifier = p_number;
  END IF;
  INSERT INTO backfill.attempt (backfill_id, number, attempt, batches, fence, worker_id,
      started_at, ended_at, outcome, kind, message)
    VALUES (p_backfill, p_number, part.attempts, part.batch_sequence - part.attempt_sequence,
      p_fence, part.worker_id, part.claimed_at, now_at, outcome, p_kind, p_message);
  IF p_done OR p_requests > 0 THEN
    INSERT INTO backfill.tally (backfill_id, committed_at, succeeded, requests)
      VALUES (p_backfill, now_at, p_done::int, p_requests);
  END IF;
  UPDATE backfill.backfill b
    SET total = b.total + cardinality(parts), replaced = b.replaced + (NOT p_done)::int
    WHERE b.id = p_backfill;
  UPDATE backfill.lane l
    SET ready_frontier = least(l.ready_frontier, part.rank), ready_place = DEFAULT
    WHERE l.backfill_id = p_backfill;
  PERFORM pg_notify('backfill_work', '');
END $function$

CREATE OR REPLACE FUNCTION backfill.store_totals(p_stream integer, p_from timestamp with time zone, p_to timestamp with time zone)
 RETURNS TABLE(name text, currency text, amount text, records bigint)
 LANGUAGE sql
 STABLE
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'on'
AS $function$
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
$function$

CREATE OR REPLACE FUNCTION backfill.submit_verification(p_target bigint, p_definition text, p_by integer, p_requested_by text, p_reason text)
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
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
END $function$

CREATE OR REPLACE FUNCTION backfill.sum_measures(measures text[], signs integer[])
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT jsonb_agg(jsonb_build_array(name, day, currency, amount::text, records))
  FROM (
    SELECT e->>0 AS name, e->>1 AS day, e->>2 AS currency,
      sum((e->>3)::numeric * m.sign) AS amount, sum(m.sign) AS records
    FROM unnest(measures, signs) AS m(measure, sign),
      LATERAL jsonb_array_elements(m.measure::jsonb) AS e
    GROUP BY 1, 2, 3
  ) AS sums
  WHERE amount <> 0 OR records <> 0
$function$

CREATE TRIGGER batch_keys_return_gone AFTER INSERT ON backfill.batch_keys FOR EACH ROW WHEN ((new.outcome = ANY (ARRAY['unchanged'::text, 'versioned'::text, 'kept'::text, 'stale'::text]))) EXECUTE FUNCTION return_gone()
CREATE TRIGGER batch_keys_return_gone AFTER INSERT ON backfill.batch_keys_default FOR EACH ROW WHEN ((new.outcome = ANY (ARRAY['unchanged'::text, 'versioned'::text, 'kept'::text, 'stale'::text]))) EXECUTE FUNCTION return_gone()
