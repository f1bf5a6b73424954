//! Answers of Proxmox VE 8.4 and 9.x: both are read, and mean the same.

use pve_client::interface_addresses;
use pve_client::wire::GuestState;
use spec::ids::Vmid;

use crate::server::{Reply, Server};

fn guest() -> Vmid {
    "101".parse().unwrap()
}

async fn saying(body: &str) -> Server {
    Server::saying(Reply::ok(body)).await
}

#[tokio::test]
async fn lists_of_guests_with_numbers_as_text_and_without() {
    let old = r#"{"data":[{"vmid":"101","status":"running","name":"acme","cpus":"2","mem":"1024","maxmem":536870912,
        "uptime":"77","type":"lxc","template":"","pid":"4711"}]}"#;
    let new = r#"{"data":[{"vmid":101,"status":"running","name":"acme","cpus":2,"mem":1024,"maxmem":536870912,
        "uptime":77,"type":"lxc","pid":4711,"pressurecpufull":0.0,"tags":""}]}"#;
    for body in [old, new] {
        let row = saying(body).await.pinned().guests().await.unwrap().remove(0);
        assert_eq!((row.vmid, row.status, row.pid, row.uptime), (101, GuestState::Running, Some(4711), 77), "{body}");
        assert!(row.mem == 1024 && !row.template);
    }
}

#[tokio::test]
async fn a_status_without_statistics() {
    for body in [
        r#"{"data":{"vmid":"101","status":"stopped"}}"#,
        r#"{"data":{"vmid":101,"status":"stopped","ha":{"managed":0},"name":"CT101","lock":"create","disk":0}}"#,
    ] {
        let status = saying(body).await.pinned().status(guest()).await.unwrap();
        assert_eq!((status.vmid, status.status, status.pid), (101, GuestState::Stopped, None), "{body}");
    }
}

#[tokio::test]
async fn interfaces_with_and_without_the_list_of_addresses() {
    let old = r#"{"data":[{"name":"eth0","hwaddr":"bc:24:11:5a:0c:77","inet":"10.0.0.5/24","inet6":"fe80::1/64"}]}"#;
    let new = r#"{"data":[{"name":"eth0","hwaddr":"bc:24:11:5a:0c:77","hardware-address":"bc:24:11:5a:0c:77",
        "inet":"10.0.0.5/24","ip-addresses":[{"ip-address":"10.0.0.5","ip-address-type":"inet","prefix":24},
        {"ip-address":"fe80::1","ip-address-type":"inet6","prefix":"64"}]}]}"#;
    for body in [old, new] {
        let row = saying(body).await.pinned().interfaces(guest()).await.unwrap().unwrap().remove(0);
        assert_eq!(interface_addresses(&row).len(), 2, "{body}");
    }
    assert_eq!(saying(r#"{"data":null}"#).await.pinned().interfaces(guest()).await.unwrap(), None);
}

#[tokio::test]
async fn the_next_id_as_text_and_as_number() {
    for body in [r#"{"data":"101"}"#, r#"{"data":101}"#] {
        assert_eq!(saying(body).await.pinned().next_id().await.unwrap(), guest(), "{body}");
    }
}

#[tokio::test]
async fn versions_and_nodes_with_more_and_less_said() {
    for body in [
        r#"{"data":{"version":"8.4.1","release":"8.4","repoid":"2a5fa54a8503f96d"}}"#,
        r#"{"data":{"version":"8.4.1"}}"#,
    ] {
        assert_eq!(saying(body).await.pinned().version().await.unwrap().version, "8.4.1");
    }
    let rows = r#"{"data":[{"node":"pve","status":"online","type":"node","id":"node/pve","ssl_fingerprint":"AA:BB",
        "level":"","cpu":0.01,"maxcpu":2},{"node":"pve2","status":"offline","type":"node","id":"node/pve2"}]}"#;
    let nodes = saying(rows).await.pinned().nodes().await.unwrap();
    assert_eq!((nodes.len(), nodes[1].status.as_str()), (2, "offline"));
}

#[tokio::test]
async fn resources_before_statistics_came_in() {
    let rows = r#"{"data":[{"id":"lxc/101","type":"lxc","vmid":"101","node":"pve","status":"unknown"},
        {"id":"qemu/102","type":"qemu","vmid":102,"node":"pve","status":"running","name":"vm","template":1,"maxmem":1.5e9},
        {"id":"node/pve","type":"node","node":"pve","status":"online"},
        {"id":"sdn/pve/localnetwork","type":"sdn","node":"pve","sdn":"localnetwork","status":"ok"}]}"#;
    let rows = saying(rows).await.pinned().resources().await.unwrap();
    assert_eq!((rows[0].vmid, rows[0].name.as_deref(), rows[1].template), (Some(101), None, true));
    assert_eq!(rows[1].maxmem, Some(1_500_000_000));
}

#[tokio::test]
async fn configurations_and_what_waits() {
    let config = r#"{"data":{"digest":"1f","hostname":42,"memory":"1024","onboot":"1","net0":"name=eth0"}}"#;
    let config = saying(config).await.pinned().config(guest()).await.unwrap();
    assert_eq!((config.get("hostname"), config.get("memory"), config.flag("onboot")), (Some("42"), Some("1024"), true));
    let rows = r#"{"data":[{"key":"memory","value":512,"pending":"1024"},{"key":"tags","value":"a","delete":1}]}"#;
    let rows = saying(rows).await.pinned().pending(guest()).await.unwrap();
    assert_eq!((rows[0].value.as_deref(), rows[0].pending.as_deref()), (Some("512"), Some("1024")));
    assert_eq!(rows[1].delete, Some(1));
}

#[tokio::test]
async fn tasks_with_numbers_as_text() {
    let upid = "UPID:pve:0000133D:000573CD:6B0038D2:vzrestore:101:root@pam!ci:";
    let body = format!(
        r#"{{"data":[{{"upid":"{upid}","node":"pve","pid":"4925","pstart":"357325","starttime":"1795176658",
            "type":"vzrestore","id":101,"user":"root@pam","tokenid":"ci","endtime":1795176660,"status":"OK"}}]}}"#
    );
    let filter = pve_client::TaskFilter { vmid: guest(), kind: "vzrestore" };
    let row = saying(&body).await.pinned().tasks(&filter).await.unwrap().remove(0);
    assert_eq!((row.id.as_str(), row.starttime, row.endtime), ("101", 1_795_176_658, Some(1_795_176_660)));
}

#[tokio::test]
async fn storages_and_volumes() {
    let rows = r#"{"data":[{"storage":"local","type":"dir","content":"rootdir,backup","enabled":"1","active":1,
        "shared":0,"total":"1000","used":10,"avail":990,"used_fraction":0.01},{"storage":"off","type":"nfs","content":"backup"}]}"#;
    let rows = saying(rows).await.pinned().storages().await.unwrap();
    assert_eq!((rows[0].total, rows[0].enabled, rows[1].active), (1000, true, false));
    let body = r#"{"data":{"path":"/x","size":"45","used":45,"format":"tar.zst","notes":"one\ntwo","protected":1}}"#;
    let volume = saying(body).await.pinned().volume(&"local:backup/x.tar.zst".parse().unwrap()).await.unwrap();
    assert_eq!((volume.size, volume.notes.as_deref(), volume.protected), (45, Some("one\ntwo"), true));
}

#[tokio::test]
async fn calls_that_may_name_no_task() {
    let upid = r#"{"data":"UPID:pve:0000133D:000573CD:6B0038D2:imgdel:101@local:root@pam!ci:"}"#;
    for (body, named) in [(r#"{"data":null}"#, false), (r#"{"data":"OK"}"#, false), (upid, true)] {
        let server = saying(body).await;
        let volume = "local:backup/x.tar.zst".parse().unwrap();
        assert_eq!(server.pinned().delete_volume(&volume).await.unwrap().is_some(), named, "{body}");
        assert_eq!(server.pinned().template(guest()).await.unwrap().is_some(), named, "{body}");
    }
    let server = saying(r#"{"data":"something"}"#).await;
    assert!(server.pinned().template(guest()).await.is_err());
}
