-- Pro seats of members. A member without a row has none. A seat goes with the membership: whoever comes back begins without one.
CREATE TABLE seats (
  organization_id uuid NOT NULL,
  user_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('active', 'suspended', 'revoked')),
  assigned_at timestamptz NOT NULL,
  -- When it came to have its status.
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, user_id),
  FOREIGN KEY (organization_id, user_id) REFERENCES members ON DELETE CASCADE,
  CHECK (changed_at >= assigned_at)
);

ALTER TABLE seats ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON seats
  USING (organization_id = current_organization_id()) WITH CHECK (organization_id = current_organization_id());

-- The app reads them only: the verbs of seats come with their capacity, and with them the right to write.
GRANT SELECT ON seats TO guildhall_app;
