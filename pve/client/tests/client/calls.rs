//! Every call of the client is built once and held, as it arrives, against the API's table: its path leads to a call
//! that exists, and its parameters are such as the node takes.

use std::collections::BTreeSet;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use pve_client::wire::api::{Given, Verb, check, find};
use pve_client::wire::{GuestConfig, Resource};
use pve_client::{
    Backup, BackupMode, CallError, Client, CloneOf, Compression, ConfigChange, Create, Restore, TaskFilter,
};
use spec::ids::{Hostname, StorageId, Vmid, Volid};
use spec::pct::{DiskSize, Net};

use crate::server::{Asked, Reply, Server, shown};

/// What the table says of a request: `VERB /path` as the table writes it.
fn row_of(asked: &Asked) -> String {
    let verb = Verb::of(&asked.verb).unwrap();
    let decoded = |part: &str| percent_decode_str(part).decode_utf8().unwrap().into_owned();
    let segments: Vec<String> = asked.path.split('/').skip(1).map(decoded).collect();
    let (method, variables) = find(verb, &segments).unwrap_or_else(|| panic!("no such call: {}", asked.line()));
    let mut given = asked.params.clone();
    given.extend(variables.into_iter().map(|(key, value)| (key, Given::One(value))));
    check(method, &given).unwrap_or_else(|errors| panic!("{}: {errors:?}", asked.line()));
    format!("{verb} {}", method.path)
}

fn guest() -> Vmid {
    "101".parse().unwrap()
}

fn storage() -> StorageId {
    "local".parse().unwrap()
}

fn volume() -> Volid {
    "local:backup/vzdump-lxc-9000-2026_01_02-03_04_05.tar.zst".parse().unwrap()
}

fn hostname() -> Hostname {
    "acme".parse().unwrap()
}

fn size() -> DiskSize {
    "10G".parse().unwrap()
}

fn net() -> Net {
    "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=dhcp".parse().unwrap()
}

fn read() -> GuestConfig {
    GuestConfig { digest: "2d1c5497b1af0a1186976d6c3c9c67fedb2c3214".into(), ..GuestConfig::default() }
}

/// Whatever the answer: the request is looked at.
async fn ask<T>(call: impl Future<Output = Result<T, CallError>>) {
    drop(call.await);
}

async fn look_around(client: &Client) {
    ask(client.version()).await;
    ask(client.permissions()).await;
    ask(client.permissions_on("/vms/101")).await;
    ask(client.nodes()).await;
    ask(client.resources()).await;
    ask(client.cluster_guests()).await;
    let row: Resource = serde_json::from_str(r#"{"id":"lxc/9101","type":"lxc","node":"pve2","vmid":9101}"#).unwrap();
    ask(client.config_of(&row)).await;
    ask(client.next_id()).await;
    ask(client.check_free(guest())).await;
    ask(client.bridges()).await;
    ask(client.storages()).await;
    ask(client.storage_status(&storage())).await;
    ask(client.content(&storage())).await;
    ask(client.archives(&storage())).await;
    ask(client.volumes(&storage(), guest())).await;
    ask(client.volume(&volume())).await;
    ask(client.archived_config(&volume())).await;
}

async fn make(client: &Client) {
    let created = Create::new(guest(), &"local:vztmpl/debian.tar.zst".parse().unwrap(), &storage(), size());
    let created = created.hostname(&hostname()).net("net0", &net()).password("correct horse").set("memory", "512");
    ask(client.create(created.ssh_keys("ssh-ed25519 AAAA me"))).await;
    let restored = Restore::new(guest(), &volume(), &hostname(), &storage(), size());
    ask(client.restore(restored.net("net0", &net()).unwrap().description("run 1"))).await;
    let copy = CloneOf::full(guest(), "102".parse().unwrap(), Some(&storage()));
    ask(client.clone_guest(copy.hostname(&hostname()).description("a copy").snapshot("s1"))).await;
    ask(client.clone_guest(CloneOf::linked(guest(), "102".parse().unwrap()))).await;
    ask(client.template(guest())).await;
    ask(client.snapshots(guest())).await;
    ask(client.snapshot(guest(), "s1", "before")).await;
    ask(client.rollback(guest(), "s1")).await;
    ask(client.delete_snapshot(guest(), "s1")).await;
    let backup = Backup::new(guest(), &storage(), BackupMode::Stop, Compression::Zstd);
    ask(client.backup(backup.notes("{{guestname}}").protected().exclude(vec!["/tmp/?*".into(), "/x".into()]))).await;
    ask(client.set_notes(&volume(), "one\ntwo")).await;
    ask(client.set_protected(&volume(), false)).await;
    ask(client.delete_volume(&volume())).await;
}

async fn live(client: &Client) {
    ask(client.guests()).await;
    ask(client.status(guest())).await;
    ask(client.config(guest())).await;
    ask(client.config_in(guest(), "s1")).await;
    ask(client.pending(guest())).await;
    let change = ConfigChange::of(&read()).net("net0", &net()).unwrap().hostname(&hostname()).description("run 1");
    ask(client.change_config(guest(), change.set("onboot", "1").delete(&["tags", "cpulimit"]).revert(&["memory"])))
        .await;
    ask(client.resize_rootfs(guest(), size(), &read().digest)).await;
    ask(client.resize(guest(), "mp0", size(), &read().digest)).await;
    ask(client.start(guest())).await;
    ask(client.interfaces(guest())).await;
    ask(client.shutdown(guest(), Duration::from_mins(1))).await;
    ask(client.shutdown_or_stop(guest(), Duration::from_mins(1))).await;
    ask(client.reboot(guest(), Duration::from_mins(1))).await;
    ask(client.stop(guest())).await;
    ask(client.destroy(guest())).await;
    let upid = "UPID:pve:0000260A:0005CBE2:6B0039B3:vzrestore:101:mint@pve!agent:".parse().unwrap();
    ask(client.tasks(&TaskFilter { vmid: guest(), kind: "vzrestore" })).await;
    ask(client.task_status(&upid)).await;
    ask(client.task_log(&upid)).await;
    ask(client.stop_task(&upid)).await;
}

const ROWS: &[&str] = &[
    "DELETE /nodes/{node}/lxc/{vmid}",
    "DELETE /nodes/{node}/lxc/{vmid}/snapshot/{snapname}",
    "DELETE /nodes/{node}/storage/{storage}/content/{volume}",
    "DELETE /nodes/{node}/tasks/{upid}",
    "GET /access/permissions",
    "GET /cluster/nextid",
    "GET /cluster/resources",
    "GET /nodes",
    "GET /nodes/{node}/lxc",
    "GET /nodes/{node}/lxc/{vmid}/config",
    "GET /nodes/{node}/lxc/{vmid}/interfaces",
    "GET /nodes/{node}/lxc/{vmid}/pending",
    "GET /nodes/{node}/lxc/{vmid}/snapshot",
    "GET /nodes/{node}/lxc/{vmid}/status/current",
    "GET /nodes/{node}/network",
    "GET /nodes/{node}/storage",
    "GET /nodes/{node}/storage/{storage}/content",
    "GET /nodes/{node}/storage/{storage}/content/{volume}",
    "GET /nodes/{node}/storage/{storage}/status",
    "GET /nodes/{node}/tasks",
    "GET /nodes/{node}/tasks/{upid}/log",
    "GET /nodes/{node}/tasks/{upid}/status",
    "GET /nodes/{node}/vzdump/extractconfig",
    "GET /version",
    "POST /nodes/{node}/lxc",
    "POST /nodes/{node}/lxc/{vmid}/clone",
    "POST /nodes/{node}/lxc/{vmid}/snapshot",
    "POST /nodes/{node}/lxc/{vmid}/snapshot/{snapname}/rollback",
    "POST /nodes/{node}/lxc/{vmid}/status/reboot",
    "POST /nodes/{node}/lxc/{vmid}/status/shutdown",
    "POST /nodes/{node}/lxc/{vmid}/status/start",
    "POST /nodes/{node}/lxc/{vmid}/status/stop",
    "POST /nodes/{node}/lxc/{vmid}/template",
    "POST /nodes/{node}/vzdump",
    "PUT /nodes/{node}/lxc/{vmid}/config",
    "PUT /nodes/{node}/lxc/{vmid}/resize",
    "PUT /nodes/{node}/storage/{storage}/content/{volume}",
];

/// How many calls the three rounds make.
const CALLS: usize = 49;

#[tokio::test]
async fn every_call_is_one_of_the_table_with_parameters_that_it_takes() {
    let server = Server::saying(Reply::ok(r#"{"data":null}"#)).await;
    let client = server.pinned();
    look_around(&client).await;
    make(&client).await;
    live(&client).await;
    let asked = server.asked();
    let rows: BTreeSet<String> = asked.iter().map(row_of).collect();
    assert_eq!(rows.iter().map(String::as_str).collect::<Vec<_>>(), ROWS);
    assert_eq!(asked.len(), CALLS, "a call was refused before it was sent, or sent twice");
}

#[tokio::test]
async fn a_machines_configuration_is_read_where_it_is() {
    let server =
        Server::saying(Reply::ok(r#"{"data":{"digest":"1","net0":"virtio=BC:24:11:00:00:02,bridge=vmbr0"}}"#)).await;
    let row: Resource = serde_json::from_str(r#"{"id":"qemu/200","type":"qemu","node":"pve2","vmid":200}"#).unwrap();
    let config = server.pinned().config_of(&row).await.unwrap().unwrap();
    assert!(config.get("net0").unwrap().contains("BC:24:11:00:00:02"));
    assert_eq!(server.asked()[0].line(), "GET /nodes/pve2/qemu/200/config");
    let node: Resource = serde_json::from_str(r#"{"id":"node/pve2","type":"node","node":"pve2"}"#).unwrap();
    assert!(server.pinned().config_of(&node).await.unwrap().is_none());
}

#[tokio::test]
async fn values_arrive_as_they_were_meant() {
    let server = Server::saying(Reply::ok(r#"{"data":null}"#)).await;
    let client = server.pinned();
    ask(client.change_config(guest(), ConfigChange::of(&read()).description("a=b&c;d é +"))).await;
    let backup = Backup::new(guest(), &storage(), BackupMode::Snapshot, Compression::None);
    ask(client.backup(backup.exclude(vec!["/a,b".into(), "/c".into()]))).await;
    let asked = server.asked();
    assert_eq!(shown(&asked[0].params)["description"], "a=b&c;d é +");
    let backup = shown(&asked[1].params);
    assert_eq!((backup["exclude-path"].as_str(), backup["remove"].as_str()), ("/a,b|/c", "0"));
}
