-- What a key may do. Keys that exist keep everything that there was when they were made; new ones say what they are for, so the
-- default goes again and a key without a scope cannot be stored.

ALTER TABLE api_keys ADD COLUMN scopes text[] NOT NULL
  DEFAULT ARRAY['usage:write', 'usage:reverse', 'wallet:read', 'transactions:read', 'holds:read', 'holds:write', 'prices:read']
  CHECK (cardinality(scopes) > 0 AND array_position(scopes, NULL) IS NULL);
ALTER TABLE api_keys ALTER COLUMN scopes DROP DEFAULT;

-- The server remembers a key's scopes between requests. That is exact only because nobody can change them: the app notes uses and
-- revokes, nothing else.
REVOKE UPDATE ON api_keys FROM guildhall_app;
GRANT UPDATE (last_used_at, revoked_at) ON api_keys TO guildhall_app;
