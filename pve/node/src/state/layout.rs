//! Where everything lies.

use std::path::{Path, PathBuf};

use spec::ids::Vmid;

/// The paths below a state directory.
///
/// Other nodes of the same cluster lie in `nodes/NAME`, each a state directory of its own. What a cluster has in common
/// (users, certificate, storage.cfg, the guests' locks) lies in the first node's.
#[derive(Debug, Clone)]
pub struct Layout {
    root: PathBuf,
    cluster: PathBuf,
}

impl Layout {
    /// The layout below `root`, an absolute path.
    pub fn new(root: PathBuf) -> Self {
        let above = root.parent().filter(|parent| parent.ends_with("nodes")).and_then(Path::parent);
        let cluster = above.filter(|above| above.join("node.toml").exists()).unwrap_or(&root).to_owned();
        Self { root, cluster }
    }

    /// The state directory of the cluster's first node.
    pub fn cluster(&self) -> &Path {
        &self.cluster
    }

    /// Whether this is not the cluster's first node.
    pub fn is_member(&self) -> bool {
        self.root != self.cluster
    }

    /// Where the cluster's other nodes lie.
    pub fn members(&self) -> PathBuf {
        self.cluster.join("nodes")
    }

    /// The state directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The node's own configuration.
    pub fn node_toml(&self) -> PathBuf {
        self.root.join("node.toml")
    }

    /// The storages.
    pub fn storage_cfg(&self) -> PathBuf {
        self.cluster.join("storage.cfg")
    }

    /// The lock for changing it.
    pub fn storage_lock(&self) -> PathBuf {
        self.cluster.join("lock/storage.cfg.lock")
    }

    /// The defaults of backups.
    pub fn vzdump_conf(&self) -> PathBuf {
        self.root.join("vzdump.conf")
    }

    /// The directory of the guests' configurations.
    pub fn guests(&self) -> PathBuf {
        self.root.join("lxc")
    }

    /// A guest's configuration.
    pub fn conf(&self, vmid: Vmid) -> PathBuf {
        self.guests().join(format!("{vmid}.conf"))
    }

    /// A guest's lock file.
    pub fn lock(&self, vmid: Vmid) -> PathBuf {
        self.cluster.join("lock").join(format!("pve-config-{vmid}.lock"))
    }

    /// A guest's firewall configuration.
    pub fn firewall(&self, vmid: Vmid) -> PathBuf {
        self.root.join("firewall").join(format!("{vmid}.fw"))
    }

    /// The lock that lets one vzdump run at a time.
    pub fn vzdump_lock(&self) -> PathBuf {
        self.root.join("lock/vzdump.lock")
    }

    /// The directory of the task logs.
    pub fn tasks(&self) -> PathBuf {
        self.root.join("tasks")
    }

    /// What the cluster was told last of the tasks.
    pub fn told_tasks(&self) -> PathBuf {
        self.run().join("tasklist.json")
    }

    /// What the cluster was told last of the node, its guests and its storages.
    pub fn stats(&self) -> PathBuf {
        self.run().join("stats.json")
    }

    /// Users, groups, roles, pools and grants.
    pub fn user_cfg(&self) -> PathBuf {
        self.cluster.join("priv/user.cfg")
    }

    /// The hashes of tokens' secrets.
    pub fn token_cfg(&self) -> PathBuf {
        self.cluster.join("priv/token.cfg")
    }

    /// The hashes of a realm's passwords.
    pub fn shadow_cfg(&self, realm: &str) -> PathBuf {
        self.cluster.join(format!("priv/shadow-{realm}.cfg"))
    }

    /// The lock that lets one change users at a time.
    pub fn user_lock(&self) -> PathBuf {
        self.cluster.join("priv/user.lock")
    }

    /// The key of tickets.
    pub fn ticket_key(&self) -> PathBuf {
        self.cluster.join("priv/authkey.key")
    }

    /// The TLS certificate, PEM.
    pub fn certificate(&self) -> PathBuf {
        self.cluster.join("priv/pve-ssl.pem")
    }

    /// Its private key, PEM.
    pub fn private_key(&self) -> PathBuf {
        self.cluster.join("priv/pve-ssl.key")
    }

    /// Runtime files: gone after a reboot without harm.
    pub fn run(&self) -> PathBuf {
        self.root.join("run")
    }

    /// LXC's own directory (`lxcpath`): a configuration per running guest.
    pub fn lxc(&self) -> PathBuf {
        self.run().join("lxc")
    }

    /// Where a guest's root file system is mounted: on the host by `pct mount`, else in private namespaces only.
    pub fn rootfs(&self, vmid: Vmid) -> PathBuf {
        self.mounts().join(vmid.to_string()).join("rootfs")
    }

    /// Where guests' file systems are mounted, all of them.
    pub fn mounts(&self) -> PathBuf {
        self.root.join("mnt")
    }

    /// The faults that tests have set, for all nodes of the cluster.
    pub fn faults(&self) -> PathBuf {
        self.cluster.join("run/faults.json")
    }

    /// Every directory of an empty node, and its mode.
    pub fn directories(&self) -> Vec<(PathBuf, u32)> {
        let open = ["", "lxc", "firewall", "lock", "tasks", "storage", "storage/local", "run", "run/lxc", "mnt"];
        let kept =
            ["storage/local/images", "storage/local/dump", "storage/local/template", "storage/local/template/cache"];
        let secret = ["priv"];
        let with = |mode: u32| move |name: &&str| (self.root.join(name), mode);
        let all =
            open.iter().map(with(0o755)).chain(kept.iter().map(with(0o755))).chain(secret.iter().map(with(0o700)));
        all.collect()
    }
}
