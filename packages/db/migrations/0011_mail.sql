-- Mail, the queue of jobs, and the tokens that prove an address.

-- Work that must happen after a commit stands in a table of ours; the job is only what wakes the worker. The queue itself
-- (graphile_worker) is installed and owned by guildhall_owner when the server starts; the app's role has no right on it
-- and adds jobs through this function alone. Where the queue is not installed yet, the worker's sweep finds the work later.
CREATE SCHEMA jobs;

-- Adds a job in the caller's transaction. A job with the same key that still waits is replaced. The payload is a reference
-- to a row, never the content: whoever reads the queue learns nothing.
CREATE FUNCTION jobs.add(p_task text, p_payload jsonb, p_key text, p_delay interval DEFAULT '0'::interval) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_task !~ '^[a-z][a-z_]{0,63}$' OR length(p_key) > 200 OR length(p_payload::text) > 1000 THEN
    RAISE EXCEPTION 'a job has a plain name, a short key and a reference as its payload' USING ERRCODE = 'check_violation';
  END IF;
  IF to_regclass('graphile_worker._private_jobs') IS NULL THEN
    RETURN false;
  END IF;
  PERFORM graphile_worker.add_job(identifier => p_task, payload => p_payload::json, job_key => p_key,
                                  run_at => now() + p_delay, max_attempts => 10);
  RETURN true;
END $$;
REVOKE ALL ON FUNCTION jobs.add FROM PUBLIC;
GRANT USAGE ON SCHEMA jobs TO guildhall_app;
GRANT EXECUTE ON FUNCTION jobs.add TO guildhall_app;

CREATE SCHEMA mail;

-- One row per cause, for ever: what makes "never twice for one cause" true. The content (recipient, fields, links with their
-- tokens) is sealed with the portal's key and erased when the mail is finished.
CREATE TABLE mail.outbox (
  id uuid PRIMARY KEY,
  cause text NOT NULL UNIQUE CHECK (length(cause) BETWEEN 1 AND 200),
  sealed text,
  attempts integer NOT NULL DEFAULT 0,
  -- When it is tried next. While an attempt runs, when that attempt counts as lost. Null once finished.
  due_at timestamptz,
  created_at timestamptz NOT NULL,
  sent_at timestamptz,
  failed_at timestamptz,
  failure text,
  CHECK (num_nonnulls(due_at, sent_at, failed_at) = 1),
  CHECK ((sealed IS NOT NULL) = (due_at IS NOT NULL))
);
CREATE INDEX outbox_by_due ON mail.outbox (due_at) WHERE due_at IS NOT NULL;

-- What would have been sent, where no mail server is configured and a person at home wants to read it. Bounded.
CREATE TABLE mail.captured (
  id uuid PRIMARY KEY,
  recipient text NOT NULL,
  subject text NOT NULL,
  text_body text NOT NULL,
  html_body text NOT NULL,
  captured_at timestamptz NOT NULL
);
CREATE INDEX captured_by_time ON mail.captured (captured_at DESC, id DESC);

GRANT USAGE ON SCHEMA mail TO guildhall_app;
GRANT SELECT, INSERT, UPDATE ON mail.outbox TO guildhall_app;
GRANT SELECT, INSERT, DELETE ON mail.captured TO guildhall_app;

-- What a person proves by opening a link that came by mail. Only the token's hash is kept.
CREATE TABLE identity_tokens (
  token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  purpose text NOT NULL CHECK (purpose IN ('verify_email', 'reset_password', 'change_email')),
  -- The address it was sent to: it proves that one and no other.
  email text NOT NULL CHECK (email = lower(email) AND length(email) <= 254),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX identity_tokens_by_user ON identity_tokens (user_id, purpose);
CREATE INDEX identity_tokens_by_expiry ON identity_tokens (expires_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON identity_tokens TO guildhall_app;

-- A text sealed with the portal's key when the database was first used: a server that cannot open it has another key, and
-- would find every second factor and every waiting mail unreadable. It refuses to start instead.
CREATE TABLE sealing_check (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  sealed text NOT NULL,
  created_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON sealing_check TO guildhall_app;
