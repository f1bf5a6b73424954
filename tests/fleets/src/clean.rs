//! A guest that shares nothing with anybody.

use spec::audit::{Ancestry, Area, GuestKind, GuestState, Holder, KeyFacts, Nic, Place, Sighting, Source};
use spec::identity::{Catalog, Identity, IdentityKind, Reading};
use spec::ids::{NodeName, Vmid};

use crate::draw::Draw;
use crate::fleet::Made;

/// When the first guest of each fleet was made.
pub(crate) const BEGIN: i64 = 1_760_000_000;
/// When every fleet is audited.
pub(crate) const NOW: i64 = 1_790_000_000;

/// How much is seen of each guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// What most guests have: addresses, names, ids, host keys.
    Usual,
    /// Something of every row of the catalog that must differ.
    Every,
}

/// The kinds that a guest of a profile has.
pub(crate) fn kinds(profile: Profile) -> Vec<IdentityKind> {
    let mut kinds = vec![
        IdentityKind::Mac,
        IdentityKind::Ip,
        IdentityKind::Hostname,
        IdentityKind::MachineId,
        IdentityKind::DbusMachineId,
        IdentityKind::SshHostKey("ssh-ed25519".into()),
        IdentityKind::SshHostKey("ecdsa-sha2-nistp256".into()),
        IdentityKind::SshHostKey("ssh-rsa".into()),
        IdentityKind::DockerEngineId,
        IdentityKind::DhcpDuid,
    ];
    if profile == Profile::Every {
        let files = Catalog::builtin()
            .items()
            .filter(|item| item.unique && matches!(item.reading, Reading::ContentDigest | Reading::PostgresControl));
        kinds.extend(files.map(|item| IdentityKind::ContentOf(item.id.to_owned())));
        kinds.extend(["dhcp-client-id", "smbios-uuid"].map(|item| IdentityKind::ContentOf(item.to_owned())));
    }
    kinds
}

/// The guest at a place of a fleet.
pub(crate) fn guest(seed: u64, place: u64, kinds: &[IdentityKind]) -> Made {
    let mut draw = Draw::new(seed, place, "guest");
    let state = match draw.below(20) {
        0..=15 => GuestState::Running,
        16..=18 => GuestState::Stopped,
        _ => GuestState::Template,
    };
    let holder = Holder {
        cluster: None,
        node: node(place % 16),
        vmid: vmid(place),
        kind: GuestKind::Lxc,
        state,
        name: format!("guest-{place}"),
        tenant: Some(format!("tenant-{}", place % 100)),
        nics: vec![Nic { index: 0, bridge: format!("vmbr{}", place % 3), tag: None }],
        ancestry: Ancestry::default(),
        born: Some(born(place)),
    };
    let mut made = Made::of(holder);
    made.areas = Area::ALL.to_vec();
    made.sightings = kinds.iter().map(|kind| sighting(seed, place, kind)).collect();
    made
}

pub(crate) fn born(place: u64) -> i64 {
    BEGIN + 10 * i64::try_from(place).unwrap_or(0)
}

pub(crate) fn vmid(place: u64) -> Vmid {
    u32::try_from(place + 100).ok().and_then(|number| Vmid::try_from(number).ok()).unwrap_or(Vmid::MAX)
}

fn node(number: u64) -> NodeName {
    // A letter and a number are a node's name.
    format!("n{number}").parse().unwrap_or_else(|_| unreachable!())
}

/// What the guest at a place has of a kind.
pub(crate) fn sighting(seed: u64, place: u64, kind: &IdentityKind) -> Sighting {
    let source = match kind {
        IdentityKind::Mac | IdentityKind::Hostname => Source::Config,
        IdentityKind::Ip => Source::Interfaces,
        _ => Source::Helper,
    };
    let at = if matches!(kind, IdentityKind::Mac | IdentityKind::Ip) { Place::Nic(0) } else { Place::Unknown };
    let key = match kind {
        IdentityKind::SshHostKey(algorithm) if algorithm == "ssh-rsa" => Some(KeyFacts { bits: 3072, modulus: None }),
        _ => None,
    };
    let modified = matches!(kind, IdentityKind::SshHostKey(_)).then(|| born(place) + 5);
    let identity = Identity::new(kind.clone(), &value(seed, place, kind));
    Sighting { at, key, modified, ..Sighting::new(identity, source) }
}

fn value(seed: u64, place: u64, kind: &IdentityKind) -> String {
    // An odd factor makes another order of the same 24 bits: no two places meet before there are sixteen million.
    let scattered = place.wrapping_mul(0x0061_C887).wrapping_add(seed) & 0x00FF_FFFF;
    let [_, a, b, c] = u32::try_from(scattered).unwrap_or(0).to_be_bytes();
    let mut draw = Draw::new(seed, place, &kind.to_string());
    match kind {
        IdentityKind::Mac => format!("BC:24:11:{a:02X}:{b:02X}:{c:02X}"),
        IdentityKind::Ip => format!("10.{a}.{b}.{c}"),
        IdentityKind::Hostname => format!("guest-{place}"),
        // Most guests have a link there, some a copy of the machine-id.
        IdentityKind::MachineId | IdentityKind::DbusMachineId => Draw::new(seed, place, "machine-id").hex32(),
        IdentityKind::SshHostKey(_) => format!("SHA256:{}", draw.hex32()),
        IdentityKind::DockerEngineId => draw.hex32(),
        // DUID-UUID, as dhcpcd writes it.
        IdentityKind::DhcpDuid => {
            let octets: Vec<String> =
                draw.hex32().as_bytes().chunks(2).map(String::from_utf8_lossy).map(Into::into).collect();
            format!("00:04:{}", octets.join(":"))
        }
        IdentityKind::ContentOf(_) => format!("{}{}", draw.hex32(), draw.hex32()),
    }
}
