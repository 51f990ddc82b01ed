#!/usr/bin/env bash
# Runs once, when the container makes its database: the roles, their passwords, and who may enter.
# The same as bootstrapRoles() in packages/db does for the embedded Postgres.
set -euo pipefail

psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --file=/guildhall/bootstrap-roles.sql
psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
  --set=app_password="$GUILDHALL_APP_PASSWORD" --set=owner_password="$GUILDHALL_OWNER_PASSWORD" --set=database="$POSTGRES_DB" <<'SQL'
ALTER ROLE guildhall_owner PASSWORD :'owner_password';
ALTER ROLE guildhall_app PASSWORD :'app_password';
ALTER DATABASE :"database" OWNER TO guildhall_owner;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO guildhall_app;
SQL
