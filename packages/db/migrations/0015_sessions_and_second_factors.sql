-- Second factors: one-time codes by an app, passkeys, recovery codes; sign-ins that wait for one; organizations that require one.
-- All of it belongs to the person (S2.3), except for the requirement.

-- When the person last proved that it is them, by password or factor: changing factors asks for it anew after a while.
ALTER TABLE sessions ADD COLUMN confirmed_at timestamptz;
UPDATE sessions SET confirmed_at = created_at;
ALTER TABLE sessions ALTER COLUMN confirmed_at SET NOT NULL;

-- Since when the person has had a second factor without a break; null: has none. Kept by the verbs that add and remove factors,
-- under the lock of this row.
ALTER TABLE users ADD COLUMN second_factor_since timestamptz;

-- The app that shows one-time codes (TOTP). The secret is sealed with the portal's key. A code counts once: `last_step` is
-- the step of time of the last one that was taken, and only later ones are.
CREATE TABLE totp_factors (
  user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
  sealed_secret text NOT NULL,
  last_step bigint NOT NULL,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz
);

-- A secret that is being set up: becomes the factor once a code of it was typed. Of one session.
CREATE TABLE totp_setups (
  user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
  session_id text NOT NULL REFERENCES sessions ON DELETE CASCADE,
  sealed_secret text NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX totp_setups_by_session ON totp_setups (session_id);

CREATE TABLE passkeys (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  -- Base64url, as browsers name it.
  credential_id text NOT NULL UNIQUE CHECK (length(credential_id) <= 1400),
  public_key bytea NOT NULL,
  -- How often the authenticator says that it was used; 0 for those that do not count.
  counter bigint NOT NULL CHECK (counter >= 0),
  transports text[] NOT NULL,
  -- Whether it can be copied to other devices, and whether it has been.
  is_synced boolean NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  created_at timestamptz NOT NULL,
  last_used_at timestamptz
);
CREATE INDEX passkeys_by_user ON passkeys (user_id);

-- 80 random bits each: SHA-256 over person and code cannot be turned back.
CREATE TABLE recovery_codes (
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  code_hash bytea NOT NULL CHECK (length(code_hash) = 32),
  created_at timestamptz NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (user_id, code_hash)
);

-- Guesses at a person's second factor, over all processes: the time at which all of them are forgotten (GCRA).
CREATE TABLE factor_attempts (
  user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
  forgotten_at timestamptz NOT NULL
);

-- A sign-in that is not done: the password was right and a factor is missing, or (without a person yet) a passkey was asked
-- for. The key is the SHA-256 of the token in the browser's cookie. It opens nothing but the second step.
CREATE TABLE pending_sign_ins (
  id text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{64}$'),
  user_id uuid REFERENCES users ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX pending_sign_ins_by_user ON pending_sign_ins (user_id);
CREATE INDEX pending_sign_ins_by_expiry ON pending_sign_ins (expires_at);

-- A sign-in that began with a password ends with it.
CREATE FUNCTION end_pending_sign_ins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM pending_sign_ins WHERE user_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER password_ends_pending_sign_ins AFTER UPDATE OF password_hash ON users
  FOR EACH ROW WHEN (OLD.password_hash IS DISTINCT FROM NEW.password_hash) EXECUTE FUNCTION end_pending_sign_ins();

-- What a passkey has to sign: once, soon, and for the session or the pending sign-in that asked (`holder` is its id).
CREATE TABLE passkey_challenges (
  holder text NOT NULL,
  purpose text NOT NULL CHECK (purpose IN ('add', 'confirm', 'sign_in')),
  challenge text NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (holder, purpose)
);
CREATE INDEX passkey_challenges_by_expiry ON passkey_challenges (expires_at);

-- Whether members without a second factor are kept out.
ALTER TABLE organizations ADD COLUMN requires_second_factor boolean NOT NULL DEFAULT false;

GRANT SELECT, INSERT, UPDATE, DELETE ON totp_factors, totp_setups, passkeys, recovery_codes, factor_attempts,
  pending_sign_ins, passkey_challenges TO guildhall_app;
