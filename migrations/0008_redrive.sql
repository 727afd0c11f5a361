-- Backfills that take rejected records again, told apart from those that read a source: what they
-- did covers no window.
-- breaking: no

ALTER TABLE backfill.backfill ADD COLUMN mode text NOT NULL DEFAULT 'load',
  ADD CONSTRAINT backfill_mode_known CHECK (mode IN ('load', 'redrive'));

-- Rejections that somebody has still to look at.
CREATE INDEX rejection_open ON backfill.rejection (id) WHERE closed_at IS NULL;
