//! Snapshots, clones, templates and moved volumes on a true btrfs and a directory, over HTTP. Needs root, loop devices,
//! `mkfs.btrfs` and `rsync`; no guest is started and no bridge is made.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that panics has failed")]

mod support;

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use pve_node::wait;
use support::Lab;

/// A node with a directory and a btrfs, and a template of a few files.
struct Stage {
    lab: Lab,
}

impl Drop for Stage {
    fn drop(&mut self) {
        run(Command::new("umount").arg(self.lab.path("bt")));
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

impl Stage {
    fn new() -> Self {
        let lab = Lab::start();
        // The guests' ids must be able to reach their files.
        fs::set_permissions(lab.path(""), fs::Permissions::from_mode(0o755)).unwrap();
        let (image, folder) = (lab.path("bt.img"), lab.path("bt"));
        File::create(&image).unwrap().set_len(1 << 30).unwrap();
        run(Command::new("mkfs.btrfs").arg("-q").arg(&image));
        fs::create_dir(&folder).unwrap();
        run(Command::new("mount").args(["-o", "loop"]).arg(&image).arg(&folder));
        lab.write("storage.cfg", &format!("btrfs: bt\n\tpath {}\n\tcontent rootdir,images\n", folder.display()));
        let stage = Self { lab };
        stage.make_template();
        stage
    }

    fn make_template(&self) {
        let files = [
            ("etc/os-release", "ID=debian\nVERSION_ID=\"13\"\n"),
            ("etc/debian_version", "13.1\n"),
            ("etc/machine-id", "0123456789abcdef0123456789abcdef\n"),
            ("etc/ssh/sshd_config", ""),
        ];
        for (name, text) in files {
            self.lab.write(&format!("tree/{name}"), text);
        }
        self.lab.write("storage/local/template/cache/tiny.tar.zst", "");
        let template = self.lab.path("storage/local/template/cache/tiny.tar.zst");
        run(Command::new("tar").arg("--zstd").arg("-cf").arg(template).arg("-C").arg(self.lab.path("tree")).arg("."));
    }

    /// Starts a task and returns how it ended.
    fn task(&self, method: &str, path: &str, form: &str) -> String {
        let form = (method != "DELETE").then_some(form);
        let answer = self.lab.request_as_root(method, &format!("/nodes/pve/lxc{path}"), form);
        let upid =
            answer.body.split('"').find(|part| part.starts_with("UPID:")).unwrap_or_else(|| panic!("{answer:?}"));
        let encoded = upid.replace(':', "%3A").replace('!', "%21").replace('@', "%40").replace('>', "%3E");
        let ended = || {
            let body = self.lab.request_as_root("GET", &format!("/nodes/pve/tasks/{encoded}/status"), None).body;
            Some(body.split_once("\"exitstatus\":\"")?.1.split('"').next()?.to_owned())
        };
        wait::until(Duration::from_mins(1), Duration::from_millis(20), ended).unwrap_or_else(|| panic!("{upid}"))
    }

    fn done(&self, method: &str, path: &str, form: &str) {
        assert_eq!(self.task(method, path, form), "OK", "{method} {path} {form}");
    }

    fn refused(&self, path: &str, form: &str) -> String {
        let answer = self.lab.request_as_root("POST", &format!("/nodes/pve/lxc{path}"), Some(form));
        assert_eq!(answer.status, 500, "{answer:?}");
        answer.reason
    }

    fn create(&self, vmid: u32, disks: &str) {
        let net = "net0=name%3Deth0,bridge%3Dlo,hwaddr%3DBC:24:11:00:00:01";
        self.done(
            "POST",
            "",
            &format!("vmid={vmid}&ostemplate=local:vztmpl/tiny.tar.zst&unprivileged=1&{net}&{disks}"),
        );
    }

    fn line(&self, vmid: u32, key: &str) -> Option<String> {
        let conf = self.lab.read_guest(vmid);
        let current = conf.split("\n[").next().unwrap_or_default().to_owned();
        current.lines().find_map(|line| line.strip_prefix(&format!("{key}: ")).map(str::to_owned))
    }

    fn images(&self, vmid: u32) -> PathBuf {
        self.lab.path(&format!("bt/images/{vmid}"))
    }

    /// The disks of a guest on the btrfs.
    fn disks(&self, vmid: u32) -> Vec<String> {
        let entries = fs::read_dir(self.images(vmid)).into_iter().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// A file in the file system of an image.
fn in_image(image: &Path, file: &str) -> String {
    let output = Command::new("debugfs").args(["-R", &format!("cat {file}")]).arg(image).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
#[ignore = "needs root: btrfs is mounted"]
fn a_snapshot_brings_disks_and_configuration_back() {
    let stage = Stage::new();
    stage.create(9000, "rootfs=bt:0&mp0=bt:0.05,mp%3D/data&hostname=before");
    assert_eq!(stage.line(9000, "rootfs").as_deref(), Some("bt:9000/subvol-9000-disk-0.subvol,size=0T"));
    let root = stage.images(9000).join("subvol-9000-disk-0.subvol");
    assert_eq!(fs::metadata(&root).unwrap().uid(), 100_000);
    fs::write(root.join("file"), "one").unwrap();

    stage.done("POST", "/9000/snapshot", "snapname=s1&description=first");
    assert_eq!(stage.task("POST", "/9000/snapshot", "snapname=s1"), "snapshot name 's1' already used");
    assert_eq!(
        stage.refused("/9000/snapshot", "snapname=vzdump"),
        "unable to use snapshot name 'vzdump' (reserved name)"
    );
    let disks = ["subvol-9000-disk-0.subvol", "subvol-9000-disk-0.subvol@s1", "vm-9000-disk-0", "vm-9000-disk-0@s1"];
    assert_eq!(stage.disks(9000), disks);
    assert!(fs::write(stage.images(9000).join(disks[1]).join("file"), "x").is_err(), "a snapshot can be written to");

    fs::write(root.join("file"), "two").unwrap();
    let changed =
        stage.lab.request_as_root("PUT", "/nodes/pve/lxc/9000/config", Some("hostname=after&mp1=bt:0.05,mp%3D/new"));
    assert_eq!(changed.status, 200, "{changed:?}");
    stage.done("POST", "/9000/snapshot", "snapname=s2");
    stage.done("POST", "/9000/snapshot/s1/rollback", "");
    assert_eq!(fs::read_to_string(root.join("file")).unwrap(), "one");
    let kept = ["hostname", "parent", "unused0", "lock"].map(|key| stage.line(9000, key));
    let wanted = [Some("before"), Some("s1"), Some("bt:9000/vm-9000-disk-1.raw"), None];
    assert_eq!(kept, wanted.map(|text| text.map(str::to_owned)));

    let listed = stage.lab.request_as_root("GET", "/nodes/pve/lxc/9000/snapshot", None).body;
    assert!(listed.contains("\"name\":\"s2\",\"parent\":\"s1\"") && listed.contains("You are here!"), "{listed}");
    assert_eq!(stage.refused("/9000/template", ""), "unable to create template, because CT contains snapshots");
    stage.done("DELETE", "/9000/snapshot/s1", "");
    assert_eq!(stage.line(9000, "parent"), None);
    assert_eq!(stage.task("DELETE", "/9000/snapshot/s1", ""), "snapshot 's1' does not exist");
    stage.done("DELETE", "/9000", "");
    assert!(!stage.images(9000).exists(), "{:?}", stage.disks(9000));
}

#[test]
#[ignore = "needs root: btrfs is mounted"]
fn a_template_is_linked_and_copied() {
    let stage = Stage::new();
    stage.create(9000, "rootfs=bt:0.05&hostname=golden");
    let answer = stage.lab.request_as_root("POST", "/nodes/pve/lxc/9000/template", None);
    assert_eq!(answer.body, "{\"data\":null}");
    let base = wait::until(Duration::from_secs(20), Duration::from_millis(20), || stage.line(9000, "template"));
    assert_eq!(base.as_deref(), Some("1"));
    assert_eq!(stage.line(9000, "rootfs").as_deref(), Some("bt:9000/base-9000-disk-0.raw,size=51M"));
    let base = stage.images(9000).join("base-9000-disk-0");
    assert!(fs::write(base.join("other"), "x").is_err(), "a base can be written to");

    assert_eq!(
        stage.refused("/9000/clone", "newid=9001&storage=local"),
        "parameter 'storage' not allowed for linked clones"
    );
    assert!(!stage.lab.exists("lxc/9001.conf") && stage.line(9000, "lock").is_none());
    stage.done("POST", "/9000/clone", "newid=9001&hostname=linked");
    stage.done("POST", "/9000/clone", "newid=9002&full=1&storage=local&description=full");
    for (vmid, volume) in [(9001, "bt:9001/vm-9001-disk-0.raw"), (9002, "local:9002/vm-9002-disk-0.raw")] {
        assert_eq!(stage.line(vmid, "rootfs"), Some(format!("{volume},size=51M")));
        assert_eq!((stage.line(vmid, "lock"), stage.line(vmid, "template")), (None, None));
        assert!(!stage.line(vmid, "net0").unwrap().contains("BC:24:11:00:00:01"));
    }
    assert!(stage.lab.read_guest(9002).starts_with("#full\n") && stage.line(9000, "lock").is_none());
    let copy = stage.lab.path("storage/local/images/9002/vm-9002-disk-0.raw");
    assert_eq!(in_image(&copy, "/etc/os-release"), "ID=debian\nVERSION_ID=\"13\"\n");
    assert_eq!(
        in_image(&stage.images(9001).join("vm-9001-disk-0/disk.raw"), "/etc/os-release"),
        "ID=debian\nVERSION_ID=\"13\"\n"
    );
    for vmid in [9000, 9001, 9002] {
        stage.done("DELETE", &format!("/{vmid}"), "");
    }
    assert!(!base.exists() && !copy.exists());
}

#[test]
#[ignore = "needs root: disks are mounted"]
fn a_directory_has_bases_but_no_links() {
    let stage = Stage::new();
    stage.create(9000, "rootfs=local:0.05");
    let why = "Linked clone feature for 'local:9000/vm-9000-disk-0.raw' is not available";
    assert_eq!(stage.refused("/9000/clone", "newid=9001&full=0"), why);
    assert_eq!(stage.task("POST", "/9000/snapshot", "snapname=s1"), "snapshot feature is not available");
    stage.lab.request_as_root("POST", "/nodes/pve/lxc/9000/template", None);
    let base = stage.lab.path("storage/local/images/9000/base-9000-disk-0.raw");
    wait::until(Duration::from_secs(20), Duration::from_millis(20), || stage.line(9000, "template")).unwrap();
    assert_eq!(fs::metadata(&base).unwrap().mode() & 0o777, 0o444);
    assert_eq!(stage.refused("/9000/clone", "newid=9001"), why.replace("vm-", "base-"));
    stage.done("POST", "/9000/clone", "newid=9001&full=1&storage=bt");
    assert_eq!(stage.line(9001, "rootfs").as_deref(), Some("bt:9001/vm-9001-disk-0.raw,size=51M"));
    stage.done("DELETE", "/9000", "");
    assert!(!base.exists());
}

#[test]
#[ignore = "needs root: btrfs is mounted"]
fn volumes_move_between_storages_and_guests() {
    let stage = Stage::new();
    stage.create(9000, "rootfs=local:0.05&mp0=local:0.05,mp%3D/data,backup%3D1");
    stage.create(9001, "rootfs=local:0.05");
    stage.done("POST", "/9000/move_volume", "volume=rootfs&storage=bt&delete=1");
    stage.done("POST", "/9000/move_volume", "volume=mp0&storage=bt");
    let now = ["rootfs", "mp0", "unused0", "lock"].map(|key| stage.line(9000, key));
    let wanted = [
        Some("bt:9000/vm-9000-disk-0.raw,size=51M"),
        Some("bt:9000/vm-9000-disk-1.raw,mp=/data,backup=1,size=51M"),
        Some("local:9000/vm-9000-disk-1.raw"),
        None,
    ];
    assert_eq!(now, wanted.map(|text| text.map(str::to_owned)));
    assert!(!stage.lab.exists("storage/local/images/9000/vm-9000-disk-0.raw"));
    assert_eq!(in_image(&stage.images(9000).join("vm-9000-disk-0/disk.raw"), "/etc/debian_version"), "13.1\n");

    stage.done("POST", "/9000/move_volume", "volume=mp0&target-vmid=9001&target-volume=mp3");
    stage.done("POST", "/9000/move_volume", "volume=unused0&target-vmid=9001&target-volume=unused2");
    assert_eq!((stage.line(9000, "mp0"), stage.line(9000, "unused0")), (None, None));
    let mounted = stage.line(9001, "mp3").unwrap();
    assert!(mounted.starts_with("bt:9001/vm-9001-disk-0.raw,mp=/data"), "{mounted}");
    assert_eq!(stage.line(9001, "unused2").as_deref(), Some("local:9001/vm-9001-disk-1.raw"));
    for (form, why) in [
        ("volume=rootfs&target-vmid=9001", "Cannot move to/from 'rootfs'"),
        ("volume=mp9&target-vmid=9001", "volume 'mp9' for container '9000' does not exist"),
        ("volume=mp0&target-vmid=999999", "could not find CT 999999"),
        ("volume=rootfs&target-vmid=9001&storage=bt", "either set storage or target-vmid, but not both"),
    ] {
        assert_eq!(stage.refused("/9000/move_volume", form), why);
    }
    stage.done("POST", "/9000/snapshot", "snapname=s1");
    let why = "you can't move a volume with snapshots and delete the source";
    assert_eq!(stage.refused("/9000/move_volume", "volume=rootfs&storage=local&delete=1"), why);
    assert_eq!(stage.task("POST", "/9000/move_volume", "volume=mp9&storage=bt"), "unable to parse volume ID ''");
    assert_eq!(stage.line(9000, "lock"), None);
}

#[test]
#[ignore = "needs root: disks are mounted"]
fn a_clone_that_fails_leaves_nothing_and_one_that_is_killed_leaves_its_locks() {
    let stage = Stage::new();
    stage.create(9000, "rootfs=bt:0.05");
    let at = "{\"line\":\"Superblock backups\"}";
    let broken = stage.lab.fault(&format!(
        "{{\"task\":{{\"type\":\"vzclone\",\"at\":{at},\"times\":1,\"do\":{{\"fail\":\"no room\"}}}}}}"
    ));
    assert_eq!(stage.task("POST", "/9000/clone", "newid=9001"), "clone failed: no room");
    stage.lab.lift(broken);
    assert!(!stage.lab.exists("lxc/9001.conf") && !stage.images(9001).exists() && stage.line(9000, "lock").is_none());
    stage.lab.fault(&format!("{{\"task\":{{\"type\":\"vzclone\",\"at\":{at},\"times\":1,\"do\":\"kill\"}}}}"));
    assert_eq!(stage.task("POST", "/9000/clone", "newid=9001"), "unexpected status");
    let locks = [9000, 9001].map(|vmid| stage.line(vmid, "lock"));
    assert_eq!(locks, [Some("disk".to_owned()), Some("create".to_owned())]);
    assert_eq!(stage.disks(9001), ["vm-9001-disk-0"]);
}
