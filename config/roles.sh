#!/bin/sh
# Run once by the postgres image in an empty volume: the two roles of Huiqi, and its database.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  -v owner_password="$HUIQI_OWNER_PASSWORD" -v app_password="$HUIQI_APP_PASSWORD" <<'SQL'
CREATE ROLE huiqi_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE huiqi_app LOGIN PASSWORD :'app_password';
CREATE DATABASE huiqi OWNER huiqi_owner;
REVOKE TEMPORARY ON DATABASE huiqi FROM PUBLIC;
SQL
