#!/bin/sh
# A schema that every guest starts with.
set -eu

su postgres -c 'psql --quiet --set=ON_ERROR_STOP=1' <<'SQL'
create schema catalog;
create table catalog.plan (name text primary key, gigabytes integer not null);
insert into catalog.plan values ('small', 10), ('large', 100);
SQL
