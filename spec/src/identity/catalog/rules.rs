//! What a row may say: the words of the table.

use super::item::ItemId;

/// What sort of thing an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A value that must differ between two guests.
    Identity,
    /// A trace or a secret that must not travel at all.
    Residue,
    /// Computed from another item, and reset with it.
    Derived,
    /// Given to the guest from outside: by the node, the agent or the network.
    Assigned,
    /// The same in every guest, by design.
    Shared,
}

/// What goes wrong when an item travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// Two guests hold one value.
    Collides,
    /// A secret or a trace of the builder reaches customers.
    Leaks,
    /// Something in the guest stops working or stays undone.
    Breaks,
    /// Weight without use.
    Bloats,
}

/// When an item is to be expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applies {
    /// A package of this name, in any package manager.
    Package(&'static str),
    /// An executable at this path.
    Binary(&'static str),
    /// Something at this path.
    Path(&'static str),
    /// A guest of this family of distributions.
    Family(Distro),
    /// A system that was a virtual machine before it became a container.
    Converted,
}

/// Families of distributions, by their `ID` and `ID_LIKE` in os-release(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distro {
    /// Debian and what is made of it, Ubuntu too.
    Debian,
    /// Ubuntu.
    Ubuntu,
    /// Alpine.
    Alpine,
    /// Rocky, Alma, `CentOS`, Fedora.
    RedHat,
    /// SUSE.
    Suse,
    /// Arch.
    Arch,
}

/// What may be left of an item in a golden; strip makes it so, the judge checks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageRule {
    /// Nothing at any of the places.
    Absent,
    /// The file is there and holds nothing. For the machine-id the recipe may choose `uninitialized` instead.
    Empty,
    /// Nothing, or a symbolic link to this target.
    AbsentOrLink(&'static str),
    /// Nothing but symbolic links: names of what another item looks after.
    LinksOnly,
    /// Directories stay with owner and mode, files below them go.
    DirectoriesOnly,
    /// Content is changed in a known way.
    Rewritten(Rewrite),
    /// Strip does not touch it: a golden that holds it is refused, since only its owner knows how to end it.
    Forbidden,
    /// The archive carries it in its `pct.conf`: the manifest records it as a value that no guest may have.
    Recorded,
    /// Looked at and told, never refused.
    Report,
    /// The same in every guest, by design: not looked at.
    Keep,
}

/// What a golden's `/etc/machine-id` holds (DESIGN decision 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MachineIdState {
    /// Nothing: systemd draws an id but sees no first boot.
    #[default]
    Empty,
    /// The word `uninitialized`: systemd draws an id and sees a first boot.
    Uninitialized,
}

/// A change of content that strip makes and knows how to verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rewrite {
    /// `/etc/hosts`: lines that name the build guest go, Proxmox's block too.
    HostsResidue,
    /// `/etc/shadow`: usable password hashes become `*`.
    PasswordsLocked,
    /// The lines that the item's reading sees go; see [`Reading::Lines`].
    LinesDropped,
    /// Everything goes but the file itself, with owner and mode. A missing file stays missing, a link stays a link.
    Emptied,
    /// The machine's own names go from the values of some keys; see [`Reading::Names`].
    NamesDropped,
    /// A PostgreSQL cluster is put to sleep: see [`reading::postgres`](crate::identity::reading::postgres).
    ClusterAsleep,
}

/// What a guest must have of an item once it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuestRule {
    /// It must be there and valid.
    Present,
    /// It may come back by itself, or not.
    MayExist,
    /// It must not come back.
    Absent,
}

/// What becomes of an item in a guest that was copied from another one (`pct clone`), where the baked unit notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloneRule {
    /// It is ended, so that its owner makes a new one.
    End,
    /// It stays: it is no identity, or a guest's data hang on it.
    Leave,
}

/// How a place is reduced to an observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The machine-id's grammar.
    MachineId,
    /// D-Bus's own copy: a link, or an id of its own.
    DbusMachineId,
    /// SSH host keys: the public half's type and fingerprint.
    SshHostKey,
    /// One line of text that is a hostname.
    Hostname,
    /// One line of text that is Docker's engine id.
    DockerEngineId,
    /// A DHCP unique identifier as dhcpcd writes it down.
    DhcpDuid,
    /// SHA-256 of the content.
    ContentDigest,
    /// There or not, and how many bytes.
    Presence,
    /// `/etc/shadow`: how many accounts have a usable password hash.
    PasswordHashes,
    /// `/etc/hosts`: lines outside the loopback defaults that name this guest or Proxmox's block.
    HostsResidue,
    /// How many lines of a text say one of these things.
    Lines(Lines),
    /// How many lines with one of these keys name the machine itself; `key=value`, `*` as in globs.
    Names(&'static [&'static str]),
    /// PostgreSQL's control file: the cluster's system identifier.
    PostgresControl,
    /// Read from the guest's configuration on the node, not from its tree.
    Configuration,
    /// Nothing to read: it follows another item, or lies outside guest and node.
    Nothing,
}

/// Lines of a text that matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// Lines with one of these keys, whatever separates key and value (`=`, `:`, white space); `*` as in globs,
    /// upper and lower case alike. Comments have no key.
    Keys(&'static [&'static str]),
    /// As `Keys`, where the value is neither empty nor a variable nor a placeholder.
    SetKeys(&'static [&'static str]),
    /// Lines with an address that carries a password (`https://user:password@host`).
    UrlPasswords,
    /// Lines that announce a private key.
    PrivateKeys,
}

/// Who brings an item back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewer {
    /// systemd, at boot.
    Systemd,
    /// The baked first-boot unit.
    Firstboot,
    /// The program that owns it, at its next start.
    Owner(&'static str),
    /// Proxmox, at every start.
    Proxmox,
    /// The agent, through Proxmox's API.
    Agent,
    /// It is computed from this item and follows it.
    Derived(ItemId),
    /// A person or a deployment, by the product's own procedure: register, join, enrol, generate.
    Procedure(&'static str),
    /// Nobody: it stays away.
    Nobody,
}

/// What a renewal takes besides a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A network.
    Network,
    /// An account or token somewhere else.
    Credential,
    /// A program that the guest may lack.
    Program(&'static str),
    /// A start of its consumers afterwards.
    Restart(&'static str),
}

/// How a row is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Planted in a tree and an archive: seen in both, refused, stripped where strip may, and clean after.
    Planted,
    /// Planted, and made by the real package in a real guest (the matrix of applications).
    Live(&'static str),
    /// Judged from the guest's configuration: the tests of the configuration's rules and of provisioning.
    Configuration,
    /// It cannot be proven here, because.
    Cannot(&'static str),
}
