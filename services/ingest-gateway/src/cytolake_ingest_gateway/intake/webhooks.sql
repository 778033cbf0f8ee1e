-- LIMS that send webhooks, what was taken of each, and what is to be fetched. Applied by intake
-- after schema.sql: idempotent too. Written by the api.
CREATE TABLE IF NOT EXISTS intake.lims (
  name        text PRIMARY KEY CHECK (name ~ '^[a-z0-9]([a-z0-9._-]{0,56}[a-z0-9])?$'),
  verify      jsonb NOT NULL,
  fetching    jsonb,
  added_by    text NOT NULL,
  added_at    timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE intake.lims IS 'One row per LIMS that may send webhooks; its files are those of the source lims/<name>.';
COMMENT ON COLUMN intake.lims.verify IS 'How it signs; its keys are in intake_secret.lims_key.';
COMMENT ON COLUMN intake.lims.fetching IS 'What its thin events may make us fetch; null: nothing.';

CREATE TABLE IF NOT EXISTS intake.webhook (
  lims            text NOT NULL REFERENCES intake.lims,
  webhook_id      text NOT NULL,
  key             text NOT NULL,
  content_sha256  text NOT NULL,
  key_id          text NOT NULL,
  sent_at         timestamptz,
  claimed_at      timestamptz NOT NULL DEFAULT now(),
  stored_at       timestamptz,
  object_id       uuid,
  PRIMARY KEY (lims, webhook_id)
);
COMMENT ON TABLE intake.webhook IS 'One row per webhook that was rightly signed; kept for good, so that none is taken twice.';
COMMENT ON COLUMN intake.webhook.key IS 'Where it is stored in the inbound bucket: decided once, so that a repeat goes there too.';
COMMENT ON COLUMN intake.webhook.key_id IS 'The key of its LIMS that verified it.';
COMMENT ON COLUMN intake.webhook.object_id IS 'Null where the object was found stored by a request that was cut off.';
CREATE INDEX IF NOT EXISTS webhook_newest ON intake.webhook (lims, claimed_at DESC);

CREATE TABLE IF NOT EXISTS intake.resource_fetch (
  fetch_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  lims        text NOT NULL REFERENCES intake.lims,
  webhook_id  text NOT NULL,
  url         text NOT NULL,
  resource    text NOT NULL,
  state       text NOT NULL CHECK (state IN ('waiting', 'stored', 'refused', 'given_up')),
  attempts    integer NOT NULL DEFAULT 0,
  next_at     timestamptz NOT NULL DEFAULT now(),
  message     text,
  key         text,
  asked_at    timestamptz NOT NULL DEFAULT now(),
  UNIQUE (lims, webhook_id)
);
COMMENT ON TABLE intake.resource_fetch IS 'One row per thin event: the resource it points to, and whether it was fetched.';
COMMENT ON COLUMN intake.resource_fetch.next_at IS 'Not before then; while it is being fetched, when somebody else may try.';
CREATE INDEX IF NOT EXISTS fetch_waiting ON intake.resource_fetch (next_at) WHERE state = 'waiting';

-- Secrets are apart: whoever may read the ledger (dashboards, the lineage) has no right to this
-- schema at all, so that no grant on "all tables" can reach them (ADR 0022).
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'intake_secret') THEN
    CREATE SCHEMA intake_secret;
  END IF;
END $$;
CREATE TABLE IF NOT EXISTS intake_secret.lims_key (
  key_id      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  lims        text NOT NULL REFERENCES intake.lims,
  purpose     text NOT NULL CHECK (purpose IN ('verify', 'fetch')),
  value       text NOT NULL,
  added_by    text NOT NULL,
  added_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  retired_at  timestamptz
);
COMMENT ON TABLE intake_secret.lims_key IS 'Keys that verify webhooks of a LIMS, and tokens to fetch from it.';
CREATE INDEX IF NOT EXISTS lims_key_valid ON intake_secret.lims_key (lims) WHERE retired_at IS NULL;

DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'api') THEN
    GRANT SELECT, INSERT, UPDATE ON intake.lims, intake.webhook, intake.resource_fetch TO api;
    GRANT USAGE ON SCHEMA intake_secret TO api;
    GRANT SELECT, INSERT, UPDATE ON intake_secret.lims_key TO api;
  END IF;
END $$;
