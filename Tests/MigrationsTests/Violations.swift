/// For every named constraint a statement that violates it and nothing else.
enum Violations {
  /// One sound row of every table, so that each case has something to clash with.
  static let soundRows = """
    INSERT INTO backfill.source (name, definition) VALUES ('shop', '{}');
    INSERT INTO backfill.request_budget (source_id) VALUES (1);
    INSERT INTO backfill.request_limit (source_id, name, definition, kind, capacity)
      VALUES (1, 'account', '{}', 'concurrent', 1);
    INSERT INTO backfill.request_schedule (limit_id, bucket) VALUES (1, '');
    INSERT INTO backfill.request_holder (limit_id, bucket, expires_at) VALUES (1, '', 1);
    INSERT INTO backfill.stream (source_id, name, definition) VALUES (1, 'shop.orders', '{}');
    INSERT INTO backfill.backfill (stream_id, source_id, stream, definition, from_at, to_at, step,
        time_zone, ordering, only_set, policy, priority, requested_by, state, total)
      VALUES (1, 1, 'shop.orders', '{}', '2024-03-01', '2024-03-02', '1d', 'UTC', 'oldest', 'all',
        'keep_first', 0, 'test', 'running', 1);
    INSERT INTO backfill.lane (backfill_id, source_id) VALUES (1, 1);
    INSERT INTO backfill.worker (name, version, concurrency) VALUES ('test', '1', 1);
    INSERT INTO backfill.partition (backfill_id, number, rank, from_at, to_at)
      VALUES (1, 1, 1, '2024-03-01', '2024-03-02');
    \(batch(sequence: 1));
    INSERT INTO backfill.tally (backfill_id, committed_at) VALUES (1, '2024-03-01');
    INSERT INTO backfill.document (batch_id, event_at, stream_id, version, key, payload_hash,
        payload) VALUES (1, '2024-03-01', 1, 1, 'k', '', '{}');
    INSERT INTO backfill.document_version (batch_id, superseded_by, event_at, superseded_at,
        stream_id, version, key, payload_hash, payload)
      VALUES (1, 2, '2024-03-01', '2024-03-01', 1, 1, 'k', '', '{}');
    INSERT INTO backfill.rejection (stream_id, backfill_id, number, batch_id, position, retryable,
        reason, message, record) VALUES (1, 1, 1, 1, 1, false, 'r', 'm', '');
    INSERT INTO backfill.measure VALUES (1, '2024-03-01', 'amount', 'EUR', 1, 1);
    INSERT INTO backfill.backfill_measure VALUES (1, '2024-03-01', 'amount', 'EUR', 1, 1);
    INSERT INTO backfill.subscription (name, team, sources, streams, tags, events, delivery)
      VALUES ('finance', 'finance', '{shop}', '{}', '{}', '{finished}', '{}');
    INSERT INTO backfill.notice (id, backfill_id, kind, facts) VALUES ('n', 1, 'finished', '{}');
    INSERT INTO backfill.gone (stream_id, found_by, event_at, key) VALUES (1, 2, '2024-03-01', 'g');
    INSERT INTO backfill.verify_key (backfill_id, number, is_rejected, event_at, standing, key)
      VALUES (2, 1, false, '2024-03-01', 'same', 'k');
    INSERT INTO backfill.proof (verification, verifier, backfill_id, number, from_at, to_at,
        proved_at, source_records, store_records, is_equal, method)
      VALUES (2, 1, 1, 1, '2024-03-01', '2024-03-02', '2024-03-03', 1, 1, true, 'listing');
    INSERT INTO backfill.proof_sum (verification, verifier, day, name, currency)
      VALUES (2, 1, '2024-03-01', 'amount', 'EUR');
    INSERT INTO backfill.comparison (left_stream, right_stream, left_path, right_path, left_measure,
        right_measure, from_at, to_at, time_zone, days, requested_by)
      VALUES ('shop.orders', 'shop.orders', '{id}', '{id}', 'amount', 'amount', '2024-03-01',
        '2024-03-02', 'UTC', 0, 'test');
    INSERT INTO backfill.comparison_pair (comparison_id, number, left_records, right_records, match,
        currency, left_amount, right_amount, left_refunded, right_refunded)
      VALUES (1, 1, 1, 0, 'k', 'EUR', 1, 0, 0, 0);
    INSERT INTO backfill.proof_difference (verification, verifier, event_at, verdict, key)
      VALUES (2, 1, '2024-03-01', 'gone', 'g');
    INSERT INTO backfill.delivery (notice_id, subscription_id, next_attempt_at)
      VALUES ('n', 1, '2024-03-01');
    """

  static let statements: [String: String] = catalog.merging(work) { one, _ in one }
    .merging(store) { one, _ in one }.merging(notices) { one, _ in one }

  private static let catalog: [String: String] = [
    "migration_pkey": """
    INSERT INTO backfill.migration (version, name, checksum, breaking)
      VALUES (1, 'again', '', false)
    """,
    "source_pkey": """
    INSERT INTO backfill.source (id, name, definition) OVERRIDING SYSTEM VALUE
      VALUES (1, 'other', '{}')
    """,
    "source_name_unique": "INSERT INTO backfill.source (name, definition) VALUES ('shop', '{}')",
    "request_budget_pkey": "INSERT INTO backfill.request_budget (source_id) VALUES (1)",
    "request_budget_source": "INSERT INTO backfill.request_budget (source_id) VALUES (99)",
    "request_budget_concurrency_positive": "UPDATE backfill.request_budget SET concurrency = 0",
    "request_limit_pkey": """
    INSERT INTO backfill.request_limit (id, source_id, name, definition, kind)
      OVERRIDING SYSTEM VALUE VALUES (1, 1, 'other', '{}', 'daily')
    """,
    "request_limit_name_unique": """
    INSERT INTO backfill.request_limit (source_id, name, definition, kind)
      VALUES (1, 'account', '{}', 'daily')
    """,
    "request_limit_source": "UPDATE backfill.request_limit SET source_id = 99",
    "request_limit_kind_known": "UPDATE backfill.request_limit SET kind = 'guessed'",
    "request_limit_spacing_positive": "UPDATE backfill.request_limit SET kind = 'paced'",
    "request_schedule_pkey": """
    INSERT INTO backfill.request_schedule (limit_id, bucket) VALUES (1, '')
    """,
    "request_schedule_limit": """
    INSERT INTO backfill.request_schedule (limit_id, bucket) VALUES (99, '')
    """,
    "request_holder_pkey": """
    INSERT INTO backfill.request_holder (id, limit_id, bucket, expires_at)
      OVERRIDING SYSTEM VALUE VALUES (1, 1, '', 1)
    """,
    "request_holder_limit": """
    INSERT INTO backfill.request_holder (limit_id, bucket, expires_at) VALUES (99, '', 1)
    """,
    "stream_pkey": """
    INSERT INTO backfill.stream (id, source_id, name, definition) OVERRIDING SYSTEM VALUE
      VALUES (1, 1, 'shop.other', '{}')
    """,
    "stream_name_unique": """
    INSERT INTO backfill.stream (source_id, name, definition) VALUES (1, 'shop.orders', '{}')
    """,
    "stream_source": "UPDATE backfill.stream SET source_id = 99",
    "backfill_pkey": """
    INSERT INTO backfill.backfill OVERRIDING SYSTEM VALUE SELECT * FROM backfill.backfill
    """,
    "backfill_stream": "UPDATE backfill.backfill SET stream_id = 99",
    "backfill_window_not_empty": "UPDATE backfill.backfill SET to_at = from_at",
    "backfill_concurrency_positive": "UPDATE backfill.backfill SET concurrency = 0",
    "backfill_ordering_known": "UPDATE backfill.backfill SET ordering = 'any'",
    "backfill_mode_known": "UPDATE backfill.backfill SET mode = 'guess'",
    "backfill_only_known": "UPDATE backfill.backfill SET only_set = 'some'",
    "backfill_policy_known": "UPDATE backfill.backfill SET policy = 'keep_last'",
    "backfill_state_known": "UPDATE backfill.backfill SET state = 'done'",
    "backfill_finished_is_terminal": "UPDATE backfill.backfill SET state = 'succeeded'",
    "backfill_total_limited": "UPDATE backfill.backfill SET total = 1000001",
    "backfill_ended_within_total": "UPDATE backfill.backfill SET succeeded = 1, failed = 1",
    "backfill_outcomes_add_up": "UPDATE backfill.backfill SET read = 1",
    "lane_pkey": "INSERT INTO backfill.lane (backfill_id, source_id) VALUES (1, 1)",
    "lane_concurrency_positive": "UPDATE backfill.lane SET concurrency = 0",
    "worker_pkey": """
    INSERT INTO backfill.worker OVERRIDING SYSTEM VALUE SELECT * FROM backfill.worker
    """,
  ]

  private static let work: [String: String] = [
    "partition_pkey": """
    INSERT INTO backfill.partition (backfill_id, number, rank, from_at, to_at)
      VALUES (1, 1, 2, '2024-03-01', '2024-03-02')
    """,
    "partition_window_not_empty": "UPDATE backfill.partition SET to_at = from_at",
    "partition_state_known": "UPDATE backfill.partition SET state = 'done'",
    "partition_running_has_lease": """
    UPDATE backfill.partition SET state = 'running', claimed_at = '2024-03-01', worker_id = 1
    """,
    "partition_waiting_has_time": "UPDATE backfill.partition SET state = 'waiting'",
    "partition_finished_is_terminal": "UPDATE backfill.partition SET state = 'succeeded'",
    "partition_failed_has_reason": """
    UPDATE backfill.partition SET state = 'failed', finished_at = '2024-03-01'
    """,
    "partition_parent_is_older": "UPDATE backfill.partition SET parent = 1",
    "partition_outcomes_add_up": "UPDATE backfill.partition SET read = 1",
    "attempt_outcome_known": """
    INSERT INTO backfill.attempt (backfill_id, number, attempt, batches, fence, worker_id,
        started_at, ended_at, outcome)
      VALUES (1, 1, 1, 0, 1, 1, '2024-03-01', '2024-03-01', 'bored')
    """,
    "batch_pkey": batch(sequence: 1),
    "batch_outcomes_add_up": batch(sequence: 2, read: 2),
    "tally_pkey": """
    INSERT INTO backfill.tally OVERRIDING SYSTEM VALUE SELECT * FROM backfill.tally
    """,
    "sequencer_pkey": "INSERT INTO backfill.sequencer DEFAULT VALUES",
    "sequencer_is_one": "INSERT INTO backfill.sequencer (is_one) VALUES (false)",
    "sequencer_failure_has_time": "UPDATE backfill.sequencer SET failure = 'why'",
  ]

  private static let store: [String: String] = [
    "document_pkey": "INSERT INTO backfill.document SELECT * FROM backfill.document",
    "document_version_pkey": """
    INSERT INTO backfill.document_version SELECT * FROM backfill.document_version
    """,
    "rejection_pkey": """
    INSERT INTO backfill.rejection OVERRIDING SYSTEM VALUE SELECT * FROM backfill.rejection
    """,
    "rejection_closing_known": """
    UPDATE backfill.rejection SET closed_at = '2024-03-01', closed_as = 'bored'
    """,
    "measure_pkey": "INSERT INTO backfill.measure SELECT * FROM backfill.measure",
    "backfill_measure_pkey": """
    INSERT INTO backfill.backfill_measure SELECT * FROM backfill.backfill_measure
    """,
  ]

  private static let notices: [String: String] = [
    "subscription_pkey": """
    INSERT INTO backfill.subscription OVERRIDING SYSTEM VALUE SELECT * FROM backfill.subscription
    """,
    "subscription_name_unique": """
    INSERT INTO backfill.subscription (name, team, sources, streams, tags, events, delivery)
      SELECT name, team, sources, streams, tags, events, delivery FROM backfill.subscription
    """,
    "subscription_scope_not_empty": "UPDATE backfill.subscription SET sources = '{}'",
    "subscription_events_known": "UPDATE backfill.subscription SET events = '{started}'",
    "subscription_disabled_has_reason": """
    UPDATE backfill.subscription SET disabled_at = '2024-03-01'
    """,
    "backfill_verifies_another": "UPDATE backfill.backfill SET verifies = 1",
    "backfill_verify_by_positive": "UPDATE backfill.backfill SET verify_by = -1",
    "partition_verified_succeeded": "UPDATE backfill.partition SET verified_at = '2024-03-01'",
    "gone_pkey": "INSERT INTO backfill.gone SELECT * FROM backfill.gone",
    "verify_key_pkey": "INSERT INTO backfill.verify_key SELECT * FROM backfill.verify_key",
    "verify_key_standing_known": "UPDATE backfill.verify_key SET standing = 'lost'",
    "proof_pkey": "INSERT INTO backfill.proof SELECT * FROM backfill.proof",
    "proof_method_known": "UPDATE backfill.proof SET method = 'faith'",
    "proof_sum_pkey": "INSERT INTO backfill.proof_sum SELECT * FROM backfill.proof_sum",
    "comparison_pkey": """
    INSERT INTO backfill.comparison OVERRIDING SYSTEM VALUE SELECT * FROM backfill.comparison
    """,
    "comparison_days_positive": "UPDATE backfill.comparison SET days = -1",
    "comparison_pair_pkey": """
    INSERT INTO backfill.comparison_pair SELECT * FROM backfill.comparison_pair
    """,
    "proof_difference_pkey": """
    INSERT INTO backfill.proof_difference SELECT * FROM backfill.proof_difference
    """,
    "notice_pkey": """
    INSERT INTO backfill.notice (id, backfill_id, kind, facts) VALUES ('n', 1, 'blocked', '{}')
    """,
    "notice_backfill": "UPDATE backfill.notice SET backfill_id = 99",
    "notice_kind_known": "UPDATE backfill.notice SET kind = 'started'",
    "notice_of_a_backfill": "UPDATE backfill.notice SET backfill_id = NULL",
    "notice_settled_has_facts": "UPDATE backfill.notice SET facts = NULL",
    "delivery_pkey": "INSERT INTO backfill.delivery SELECT * FROM backfill.delivery",
    "delivery_notice": "UPDATE backfill.delivery SET notice_id = 'm'",
    "delivery_subscription": "UPDATE backfill.delivery SET subscription_id = 99",
    "delivery_state_known": """
    UPDATE backfill.delivery SET state = 'lost', next_attempt_at = NULL, ended_at = '2024-03-01'
    """,
    "delivery_pending_has_time": "UPDATE backfill.delivery SET next_attempt_at = NULL",
    "delivery_ended_has_time": "UPDATE backfill.delivery SET ended_at = '2024-03-01'",
    "delivery_given_up_has_reason": """
    UPDATE backfill.delivery
      SET state = 'given_up', next_attempt_at = NULL, ended_at = '2024-03-01'
    """,
  ]

  private static func batch(sequence: Int, read: Int = 1) -> String {
    """
    INSERT INTO backfill.batch (id, backfill_id, number, sequence, fence, worker_id, committed_at,
        pages, requests, read, inserted, versioned, unchanged, kept, stale, duplicate, rejected,
        outside)
      VALUES (1, 1, 1, \(sequence), 1, 1, '2024-03-01', 1, 1, \(read), 1, 0, 0, 0, 0, 0, 0, 0)
    """
  }
}
