//! The node as one value: its layout and its configuration, read from disk.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use spec::ids::NodeName;

use super::{Guests, Layout, NodeConfig, Storages};
use crate::error::Die;
use crate::faults::Board;

/// Why a state directory cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It has no `node.toml`.
    #[error("{} is not a node's state directory: run `pve-node --state {} init` first", path.display(), path.display())]
    NotANode {
        /// The directory as given.
        path: PathBuf,
    },
    /// Its path does not fit into the name of LXC's command socket.
    #[error("the state directory's path {} is too long ({} bytes): LXC's sockets leave room for 60", path.display(), path.as_os_str().len())]
    TooLong {
        /// The directory.
        path: PathBuf,
    },
    /// `node.toml` cannot be read.
    #[error("node.toml in {} is wrong", path.display())]
    Config {
        /// The directory.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: toml::de::Error,
    },
    /// A file is out of reach.
    #[error(transparent)]
    Io(#[from] Die),
}

/// A node: what every operation needs to know.
#[derive(Debug, Clone)]
pub struct Node {
    /// Where everything lies.
    pub layout: Layout,
    /// What a person decided.
    pub config: NodeConfig,
    /// What tests let go wrong; switched off unless [`Node::with_faults`] says otherwise.
    pub faults: Board,
}

impl Node {
    /// Opens a state directory that `init` has made.
    pub fn open(state: &Path) -> Result<Self, OpenError> {
        let root = fs::canonicalize(state).map_err(|_| OpenError::NotANode { path: state.to_owned() })?;
        if root.as_os_str().len() > 60 {
            return Err(OpenError::TooLong { path: root });
        }
        let layout = Layout::new(root);
        let text = fs::read_to_string(layout.node_toml())
            .map_err(|_| OpenError::NotANode { path: layout.root().to_owned() })?;
        let config =
            toml::from_str(&text).map_err(|source| OpenError::Config { path: layout.root().to_owned(), source })?;
        Ok(Self { layout, config, faults: Board::default() })
    }

    /// Makes a state directory, or completes one; a `node.toml` that is there already is kept.
    pub fn init(state: &Path, config: &NodeConfig) -> Result<Self, OpenError> {
        fs::create_dir_all(state).map_err(Die::io("create", state))?;
        let root = fs::canonicalize(state).map_err(Die::io("resolve", state))?;
        let layout = Layout::new(root);
        for (directory, mode) in layout.directories() {
            fs::create_dir_all(&directory).map_err(Die::io("create", &directory))?;
            fs::set_permissions(&directory, fs::Permissions::from_mode(mode)).map_err(Die::io("chmod", &directory))?;
        }
        let path = layout.node_toml();
        if !path.exists() {
            let text = toml::to_string(config).map_err(|error| Die::text(error.to_string()))?;
            fs::write(&path, text).map_err(Die::io("write", &path))?;
        }
        Self::open(layout.root())
    }

    /// The same node, whose tests may set faults.
    #[must_use]
    pub fn with_faults(self) -> Self {
        let faults = Board::on(&self.layout);
        Self { faults, ..self }
    }

    /// Every node of the cluster: the first one, then the others by name.
    pub fn cluster(&self) -> Result<Vec<Self>, OpenError> {
        let mut roots = vec![self.layout.cluster().to_owned()];
        let members = fs::read_dir(self.layout.members()).into_iter().flatten().filter_map(Result::ok);
        let mut members: Vec<PathBuf> = members.map(|entry| entry.path()).collect();
        members.sort();
        roots.extend(members);
        roots.iter().map(|root| Ok(Self { faults: self.faults.clone(), ..Self::open(root)? })).collect()
    }

    /// Makes another node of this one's cluster, on the same bridge.
    pub fn add_member(&self, name: &NodeName) -> Result<Self, OpenError> {
        let taken = self.cluster()?.iter().any(|node| node.name() == name.as_str());
        if taken {
            return Err(Die::text(format!("node '{name}' is a member of this cluster already")).into());
        }
        let config = NodeConfig { node: name.clone(), ..self.config.clone() };
        Self::init(&self.layout.members().join(name.as_str()), &config)
    }

    /// The node's name.
    pub fn name(&self) -> &str {
        self.config.node.as_str()
    }

    /// The guests.
    pub fn guests(&self) -> Guests<'_> {
        Guests::new(self)
    }

    /// The storages.
    pub fn storages(&self) -> Storages<'_> {
        Storages::new(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_without_node_toml_is_refused_with_the_command_to_run() {
        let dir = tempfile::tempdir().unwrap();
        let error = Node::open(dir.path()).unwrap_err();
        assert!(error.to_string().contains("init"), "{error}");
    }

    #[test]
    fn members_share_what_a_cluster_has_in_common() {
        let dir = tempfile::tempdir().unwrap();
        let first = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        let second = first.add_member(&"pve2".parse().unwrap()).unwrap();
        assert!(first.add_member(&"pve2".parse().unwrap()).is_err());
        let names = |node: &Node| node.cluster().unwrap().iter().map(|n| n.name().to_owned()).collect::<Vec<_>>();
        assert_eq!(
            (names(&first), names(&second)),
            (vec!["pve".into(), "pve2".into()], vec!["pve".into(), "pve2".into()])
        );
        let vmid = "101".parse().unwrap();
        assert_eq!(first.layout.lock(vmid), second.layout.lock(vmid));
        assert_ne!(first.layout.conf(vmid), second.layout.conf(vmid));
        second.guests().write(vmid, &spec::pct::PctConf::parse("hostname: there\n")).unwrap();
        assert_eq!(first.guests().owner(vmid).unwrap().as_deref(), Some("pve2"));
        assert!(!first.guests().exists(vmid));
    }

    #[test]
    fn init_twice_keeps_what_is_there() {
        let dir = tempfile::tempdir().unwrap();
        Node::init(dir.path(), &NodeConfig::default()).unwrap();
        let other = NodeConfig { node: "other".parse().unwrap(), ..NodeConfig::default() };
        assert_eq!(Node::init(dir.path(), &other).unwrap().name(), "pve");
    }
}
