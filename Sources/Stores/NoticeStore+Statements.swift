import Domain
import Postgres

extension NoticeStore {
  static let settled = Statement<Int32, OpenNotice>(
    "lockSettledNotices",
    """
    SELECT id, backfill_id, kind FROM backfill.notice
      WHERE settles_at <= clock_timestamp()
      ORDER BY settles_at LIMIT $1
      FOR UPDATE SKIP LOCKED
    """
  ) { row in try OpenNotice(&row) }

  // Whether it is still wanted is judged again: the subscription may have changed since.
  static let claim = Statement<(Int32, Double), ClaimedDelivery>(
    "claimDeliveries",
    """
    WITH due AS MATERIALIZED (
      SELECT d.notice_id, d.subscription_id
        FROM backfill.delivery d
        WHERE d.state = 'pending' AND d.next_attempt_at <= clock_timestamp()
        ORDER BY d.next_attempt_at LIMIT $1
        FOR NO KEY UPDATE SKIP LOCKED
    ), claimed AS (
      UPDATE backfill.delivery d
        SET attempts = d.attempts + 1,
          next_attempt_at = clock_timestamp() + make_interval(secs => $2)
        FROM due
        WHERE d.notice_id = due.notice_id AND d.subscription_id = due.subscription_id
        RETURNING d.*
    )
    SELECT c.notice_id, c.subscription_id, s.name, c.attempts,
        (extract(epoch FROM clock_timestamp() - c.created_at) * 1000000)::bigint, s.delivery,
        CASE WHEN s.retired_at IS NOT NULL THEN 'The subscription was retired.'
          WHEN s.disabled_at IS NOT NULL THEN 'The subscription is disabled.'
          WHEN b.id IS NOT NULL AND NOT backfill.in_scope(s, b.stream, b.tags)
            THEN 'It no longer falls into the scope of the subscription.' END,
        n.kind, n.facts, n.created_at
      FROM claimed c
      JOIN backfill.subscription s ON s.id = c.subscription_id
      JOIN backfill.notice n ON n.id = c.notice_id
      LEFT JOIN backfill.backfill b ON b.id = n.backfill_id
      ORDER BY c.created_at
    """
  ) { row in try ClaimedDelivery(&row) }

  static let end = Statement<(String, Int32, Int32, String, String?), String>(
    "endDelivery",
    """
    UPDATE backfill.delivery
      SET state = $4, message = $5, next_attempt_at = NULL, ended_at = clock_timestamp()
      WHERE notice_id = $1 AND subscription_id = $2 AND state = 'pending'
        AND (attempts = $3 OR $4 = 'delivered')
      RETURNING notice_id
    """)

  static let postpone = Statement<(String, Int32, Int32, Int64, String), String>(
    "postponeDelivery",
    """
    UPDATE backfill.delivery
      SET next_attempt_at = clock_timestamp() + $4 * interval '1 microsecond', message = $5
      WHERE notice_id = $1 AND subscription_id = $2 AND state = 'pending' AND attempts = $3
      RETURNING notice_id
    """)

  static let disable = Statement<(Int32, String), Int32>(
    "disableSubscription",
    """
    UPDATE backfill.subscription SET disabled_at = clock_timestamp(), disabled_reason = $2
      WHERE id = $1 AND disabled_at IS NULL RETURNING id
    """)

  static let enable = Statement<Int32, Int32>(
    "enableSubscription",
    """
    UPDATE backfill.subscription SET disabled_at = NULL, disabled_reason = NULL
      WHERE id = $1 AND disabled_at IS NOT NULL RETURNING id
    """)

  static let test = Statement<(String, String, Double), ClaimedDelivery>(
    "writeTestNotice",
    """
    WITH subscriber AS (
      SELECT * FROM backfill.subscription WHERE name = $1 AND retired_at IS NULL
    ), notice AS (
      INSERT INTO backfill.notice (kind, facts, closed_at)
        SELECT 'test', $2, clock_timestamp() FROM subscriber
        RETURNING *
    ), delivery AS (
      INSERT INTO backfill.delivery (notice_id, subscription_id, attempts, next_attempt_at)
        SELECT notice.id, subscriber.id, 1, clock_timestamp() + make_interval(secs => $3)
          FROM notice, subscriber
        RETURNING *
    )
    SELECT d.notice_id, d.subscription_id, s.name, d.attempts, 0::bigint, s.delivery, NULL::text,
        n.kind, n.facts, n.created_at
      FROM delivery d, subscriber s, notice n
    """
  ) { row in try ClaimedDelivery(&row) }

  // Deliveries end after three days, long before anybody forgets them.
  static let drop = Statement<String, Int64>(
    "dropNotices",
    """
    WITH old AS MATERIALIZED (
      SELECT id FROM backfill.notice
        WHERE created_at < $1::text::date::timestamp AT TIME ZONE 'UTC'
    ), deliveries AS (
      DELETE FROM backfill.delivery WHERE notice_id IN (SELECT id FROM old)
    ), dropped AS (
      DELETE FROM backfill.notice WHERE id IN (SELECT id FROM old) RETURNING id
    )
    SELECT count(*) FROM dropped
    """)

  static let list = Statement<Int32, NoticeRow>(
    "listNotices",
    """
    SELECT id, backfill_id, kind, created_at, settles_at, facts FROM backfill.notice
      ORDER BY created_at DESC, id LIMIT $1
    """
  ) { row in try NoticeRow(&row) }

  static let deliveries = Statement<[String], NoticeRow.Delivery>(
    "listDeliveries",
    """
    SELECT d.notice_id, s.name, s.team, d.state, d.attempts, d.next_attempt_at, d.ended_at,
        d.message
      FROM backfill.delivery d JOIN backfill.subscription s ON s.id = d.subscription_id
      WHERE d.notice_id = ANY ($1)
      ORDER BY s.name
    """
  ) { row in try NoticeRow.Delivery(&row) }
}
