//! A golden with Docker, PostgreSQL and RabbitMQ: two guests, each service up, no identity shared.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::lab::until;
use serde_json::Value;
use spec::identity::IdentityKind;

use super::guests::vmid_of;
use crate::Story;
use crate::stage::{Stage, build, example};

pub(crate) const STORIES: &[Story] =
    &[("applications::docker_postgresql_and_rabbitmq_are_each_guests_own", three_services)];

const GUESTS: [&str; 2] = ["services-a", "services-b"];
/// How long the slowest of the three, RabbitMQ, may take after the guest is reached.
const SETTLED: Duration = Duration::from_mins(1);

/// What each guest must have of its own: a name, and the command that reads it.
const IDENTITIES: [(&str, &str); 5] = [
    ("Docker's engine-id", "docker info --format '{{.ID}}'"),
    (
        "PostgreSQL's system identifier",
        "su postgres -c \"psql -Atc 'select system_identifier from pg_control_system()'\"",
    ),
    ("Erlang's cookie", "sha256sum </var/lib/rabbitmq/.erlang.cookie"),
    ("RabbitMQ's node", "rabbitmqctl -q eval 'node().'"),
    ("the snake-oil certificate", "sha256sum </etc/ssl/certs/ssl-cert-snakeoil.pem"),
];

/// That each service works; the second, that the golden's data came along.
const WORKS: [&str; 3] = [
    "tar -C / -ch bin/busybox | docker import - local/busybox >/dev/null \
     && docker run --rm --network none local/busybox /bin/busybox true",
    "test \"$(su postgres -c \"psql -Atc 'select count(*) from catalog.plan'\")\" = 2",
    "rabbitmqctl -q await_startup --timeout 5",
];

fn three_services(stage: &Stage) -> Result<()> {
    let (golden, manifest) = build(&stage.lab, &example("debian13-services/golden.toml"))?;
    let cluster = IdentityKind::ContentOf("postgresql-cluster".into());
    ensure!(
        golden.forbidden.iter().any(|identity| identity.kind == cluster),
        "the cluster's identifier is not forbidden"
    );
    let manifest = manifest.to_string_lossy();
    stage.lab.release_undrilled(&manifest)?;
    let mut held = Vec::new();
    for name in GUESTS {
        let arguments = ["provision", "--customer", name, "--golden", &manifest, "--json"];
        let guest: Value = stage.lab.agent(&arguments)?.ok()?.json()?;
        held.push(identities(stage, vmid_of(&guest)?)?);
    }
    for (what, value) in &held[0] {
        ensure!(held[1].get(what) != Some(value), "both guests have {what} {value}");
    }
    stage.lab.agent(&["audit"])?.ok().context("the audit of two guests of one golden")?;
    GUESTS.iter().try_for_each(|name| stage.destroy(name))
}

fn identities(stage: &Stage, vmid: u32) -> Result<BTreeMap<&'static str, String>> {
    for command in WORKS {
        until(command, SETTLED, || {
            let done = stage.lab.in_guest(vmid, command).map_err(|error| format!("{error:#}"))?;
            if done.code == 0 { Ok(()) } else { Err(done.stderr) }
        })
        .with_context(|| format!("guest {vmid}"))?;
    }
    let read = IDENTITIES.iter().map(|(what, command)| {
        let value = stage.lab.in_guest(vmid, command)?.ok()?.stdout.trim().to_owned();
        ensure!(!value.is_empty(), "guest {vmid} has no value for {what}");
        Ok((*what, value))
    });
    read.collect()
}
