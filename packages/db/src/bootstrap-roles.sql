-- The roles Guildhall needs, to be run once by a superuser (or a role with CREATEROLE) in the cluster.
-- Safe to run again. Passwords are set separately: ALTER ROLE guildhall_app PASSWORD '…'.
--
--   guildhall_owner   owns the database and every table; runs migrations; nobody serves requests with it
--   guildhall_app     what the server connects as: owns nothing, cannot bypass row-level security
--   guildhall_engine  nobody logs in as it; owns the engines' SECURITY DEFINER functions (event log, ledger)
DO $$
DECLARE
  role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['guildhall_owner', 'guildhall_app', 'guildhall_engine'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
      EXECUTE format('CREATE ROLE %I', role_name);
    END IF;
  END LOOP;
END
$$;

ALTER ROLE guildhall_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE guildhall_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE guildhall_engine NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;

-- Migrations hand functions over to guildhall_engine and replace them later; both need membership.
GRANT guildhall_engine TO guildhall_owner;
