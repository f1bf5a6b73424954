//! Container engines, databases, brokers.

use super::super::app::App;

pub(super) const APPS: &[App] = &[
    App::new(
        "docker.io",
        &[145, 147, 148],
        &["docker.io", "docker-cli", "iptables"],
        "docker info --format '{{.ID}}'",
        "docker info",
    ),
    App::new(
        "postgresql",
        &[191],
        &["postgresql"],
        "for c in /var/lib/postgresql/*/main; do v=${c#/var/lib/postgresql/}; \
         /usr/lib/postgresql/${v%%/*}/bin/pg_controldata \"$c\" | sed -n 's/^Database system identifier: *//p'; done",
        "test \"$(su postgres -c \"psql -Atc \\\"select count(*) from matrix.kept\\\"\")\" = 1",
    )
    // A table of the recipe: what a golden is built with must be there in its guests.
    .prepared("su postgres -c \"psql -qc 'create schema matrix; create table matrix.kept as select 1 as one'\""),
    App::new(
        "mariadb-server",
        &[188, 189, 190],
        &["mariadb-server"],
        // The storage engine's own uuid, in which version 1 carries the network card's address.
        "od -An -tx1 -j4 -N16 /var/lib/mysql/aria_log_control",
        "test \"$(mariadb -NBe 'select count(*) from matrix.kept')\" = 1",
    )
    .prepared("mariadb -e 'create database matrix; create table matrix.kept engine=Aria as select 1 as one'"),
    App::new(
        "rabbitmq-server",
        &[197],
        &["rabbitmq-server"],
        "sha256sum </var/lib/rabbitmq/.erlang.cookie; rabbitmqctl -q eval 'node().'",
        "rabbitmqctl -q await_startup --timeout 5",
    ),
    App::new(
        "redis-server",
        &[193],
        &["redis-server"],
        "redis-cli info server | sed -n 's/^run_id://p'",
        "test \"$(redis-cli ping)\" = PONG",
    ),
];
