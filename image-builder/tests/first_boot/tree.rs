//! Fixture trees, written file by file.

use std::fs;
use std::path::{Path, PathBuf};

use firstboot_unit::bake::{BakeOptions, bake};
use firstboot_unit::root::Root;
use image_builder::first_boot::{Question, compile, read};
use spec::release::{Answer, FirstBoot, MachineIdFound};
use tempfile::TempDir;

/// Where vendors put units.
pub(crate) const VENDOR: &str = "/usr/lib/systemd/system";
/// Where `systemctl enable` puts links.
pub(crate) const ADMIN: &str = "/etc/systemd/system";

/// A tree in the making.
pub(crate) struct Tree {
    dir: TempDir,
}

impl Tree {
    /// An empty tree of that distribution.
    pub(crate) fn new(os_release: &str) -> Self {
        let tree = Self { dir: tempfile::tempdir().unwrap() };
        tree.with("/etc/os-release", os_release).with("/etc/machine-id", "").with("/etc/shadow", "root:*:1:0:9:7:::\n")
    }

    /// With the targets that every systemd has, an SSH server and a key maker's program.
    pub(crate) fn systemd(os_release: &str, version: u32) -> Self {
        Self::new(os_release)
            .with(&format!("/usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-{version}.so"), "")
            .unit("multi-user.target", "[Unit]\nRequires=basic.target\nAfter=basic.target\n")
            .unit("basic.target", "[Unit]\nRequires=sysinit.target\nWants=sockets.target\nAfter=sysinit.target sockets.target\n")
            .unit("sysinit.target", "[Unit]\nWants=local-fs.target\nAfter=local-fs.target\n")
            .unit("local-fs.target", "[Unit]\nDefaultDependencies=no\n")
            .unit("sockets.target", "[Unit]\n")
            .unit("first-boot-complete.target", "[Unit]\nConditionFirstBoot=yes\n")
            .unit(
                "systemd-firstboot.service",
                "[Unit]\nConditionPathIsReadWrite=/etc\nConditionFirstBoot=yes\nDefaultDependencies=no\n\
                 Wants=first-boot-complete.target\nBefore=first-boot-complete.target sysinit.target\n\
                 [Service]\nType=oneshot\nExecStart=systemd-firstboot --prompt-locale --prompt-timezone --prompt-root-password\n",
            )
            .link(&format!("{VENDOR}/default.target"), "multi-user.target")
            .link(&format!("{VENDOR}/sysinit.target.wants/systemd-firstboot.service"), "../systemd-firstboot.service")
            .link("/etc/localtime", "/usr/share/zoneinfo/Etc/UTC")
            .with("/usr/sbin/sshd", "")
            .with("/usr/bin/ssh-keygen", "")
    }

    pub(crate) fn with(self, path: &str, text: &str) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn without(self, path: &str) -> Self {
        fs::remove_file(self.path(path)).unwrap();
        self
    }

    pub(crate) fn link(self, path: &str, target: &str) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, path).unwrap();
        self
    }

    /// A vendor's unit.
    pub(crate) fn unit(self, name: &str, text: &str) -> Self {
        self.with(&format!("{VENDOR}/{name}"), text)
    }

    /// What `systemctl enable` does.
    pub(crate) fn enabled(self, by: &str, unit: &str) -> Self {
        self.link(&format!("{ADMIN}/{by}.wants/{unit}"), &format!("{VENDOR}/{unit}"))
    }

    /// With the first-boot unit baked in.
    pub(crate) fn baked(self) -> Self {
        bake(&self.root(), &BakeOptions { program: &static_program() }).unwrap();
        self
    }

    /// What the compiler says.
    pub(crate) fn told(&self, question: Question) -> FirstBoot {
        compile(&read(&self.root()).unwrap(), question)
    }

    /// What the compiler says of that state of the machine-id.
    pub(crate) fn told_with(&self, machine_id: MachineIdFound) -> FirstBoot {
        self.told(Question { machine_id: Some(machine_id), ..Question::default() })
    }

    fn root(&self) -> Root {
        Root::open(self.dir.path()).unwrap()
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(Path::new(path).strip_prefix("/").unwrap())
    }
}

/// The least that passes for a static 64-bit program: a header and one segment that is loaded.
fn static_program() -> Vec<u8> {
    let mut bytes = vec![0u8; 64 + 56];
    bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
    for (at, value) in [(18, 0x3e), (32, 64), (54, 56), (56, 1), (64, 1)] {
        bytes[at] = value;
    }
    bytes
}

/// Whether a gated unit fires.
pub(crate) fn fires(report: &FirstBoot, unit: &str) -> Answer {
    report.gated.iter().find(|gated| gated.unit == unit).unwrap().fires
}

/// Who brings the keys back, each name once.
pub(crate) fn bringers(report: &FirstBoot) -> Vec<&str> {
    let mut names: Vec<&str> = report.host_keys.iter().map(|key| key.by.as_str()).collect();
    names.dedup();
    names
}
