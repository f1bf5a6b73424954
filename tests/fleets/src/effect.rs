//! What a plant does to its guests, and what is to be found then.

use std::collections::BTreeSet;

use spec::audit::{Ancestry, Area, GuestKind, GuestState, KeyFacts, Nic, Parent, Place, Sighting, Source, Unread};
use spec::identity::{ForbiddenSet, Identity, IdentityKind};
use spec::report::Class;

use crate::clean::{self, NOW, born, vmid};
use crate::draw::Draw;
use crate::fleet::{Fleet, Made};
use crate::moduli;
use crate::plant::{Other, Plant, leakable};

const GOLDEN: &str = "golden 1";
const DAY: i64 = 24 * 60 * 60;

/// One finding: class, kind, word of its origin (or the reason, for what was not seen), guests by their keys.
type Expected = (Class, String, String, Vec<String>);

fn of_golden(seed: u64, kind: &IdentityKind) -> Identity {
    let mut draw = Draw::new(seed, u64::MAX, &kind.to_string());
    let value = match kind {
        // Another prefix than that of the guests.
        IdentityKind::Mac => "BC:24:12:00:00:01".to_owned(),
        IdentityKind::Hostname => "golden-build".to_owned(),
        _ => draw.hex32(),
    };
    Identity::new(kind.clone(), &value)
}

pub(crate) fn goldens(seed: u64) -> Vec<ForbiddenSet> {
    let identities: BTreeSet<Identity> = leakable().iter().map(|kind| of_golden(seed, kind)).collect();
    vec![ForbiddenSet { golden: GOLDEN.to_owned(), identities }]
}

fn ed25519() -> IdentityKind {
    IdentityKind::SshHostKey("ssh-ed25519".into())
}

fn content(item: &str) -> IdentityKind {
    IdentityKind::ContentOf(item.to_owned())
}

fn volid(place: u64) -> String {
    format!("store:backup/vzdump-lxc-{}.tar.zst", vmid(place))
}

fn backup_of(place: u64, taken: i64) -> GuestState {
    GuestState::Backup { volid: volid(place), taken: Some(taken) }
}

/// Gives a guest a value in place of its own.
fn set(made: &mut Made, sighting: Sighting) {
    made.sightings.retain(|own| own.identity.kind != sighting.identity.kind);
    made.sightings.push(sighting);
}

fn plain(kind: IdentityKind, value: &str, source: Source) -> Sighting {
    Sighting::new(Identity::new(kind, value), source)
}

/// The guest of a plant, with its backups.
pub(crate) fn made(fleet: &Fleet, plant: &Plant, first: u64, guest: usize) -> Vec<Made> {
    let place = first + guest as u64;
    let mut made = clean::guest(fleet.seed, place, &fleet.kinds);
    made.holder.state = GuestState::Running;
    let of_first = |kind: &IdentityKind| clean::sighting(fleet.seed, first, kind);
    match plant {
        Plant::Shared(kind, other) => shared(&mut made, (fleet.seed, first, guest), kind, *other),
        Plant::RawRestore if guest == 1 => {
            let source = clean::guest(fleet.seed, first, &fleet.kinds);
            (made.sightings, made.holder.nics) = (source.sightings, source.holder.nics);
            made.holder.ancestry.restored_from = Some(volid(first));
        }
        Plant::Clone if guest == 1 => {
            made.holder.ancestry.cloned_from = Some(vmid(first));
            set(&mut made, of_first(&ed25519()));
        }
        Plant::Three => {
            set(&mut made, of_first(&ed25519()));
            if guest == 2 {
                made.holder.state = GuestState::Stopped;
            }
        }
        Plant::DerivedDuid | Plant::DrawnDuid => {
            let mut duid = of_first(&content("dhcp-client-id"));
            if *plant == Plant::DerivedDuid {
                duid.parent = Some(Parent::MachineId);
                set(&mut made, of_first(&IdentityKind::MachineId));
                set(&mut made, of_first(&IdentityKind::DbusMachineId));
            }
            set(&mut made, duid);
        }
        Plant::MacAddress => {
            made.holder.nics = clean::guest(fleet.seed, first, &[]).holder.nics;
            set(&mut made, of_first(&IdentityKind::Mac));
            let address = plain(IdentityKind::Ip, &format!("2001:db8::be24:11ff:fe00:{first:x}"), Source::Interfaces);
            made.sightings.push(Sighting { at: Place::Nic(0), ..address });
        }
        Plant::MacApart => set(&mut made, of_first(&IdentityKind::Mac)),
        Plant::DbusCopy if guest == 1 => {
            let id = of_first(&IdentityKind::MachineId).identity.value;
            set(&mut made, plain(IdentityKind::DbusMachineId, &id, Source::Helper));
        }
        Plant::Leak(kind) => {
            let identity = of_golden(fleet.seed, kind);
            let sighting = clean::sighting(fleet.seed, place, kind);
            set(&mut made, Sighting { identity, ..sighting });
        }
        Plant::UnknownLeak => {
            set(&mut made, of_first(&content("munge-key")));
            if guest == 0 {
                made.holder.state = GuestState::Template;
                made.holder.ancestry =
                    Ancestry { golden: Some(format!("golden of {first}")), is_golden: true, ..Ancestry::default() };
            }
        }
        Plant::SharedPrime(number) => {
            let modulus = moduli::hex(&moduli::pair(*number)[guest]);
            let mut key = clean::sighting(fleet.seed, place, &IdentityKind::SshHostKey("ssh-rsa".into()));
            key.key = Some(KeyFacts { bits: 2048, modulus: Some(modulus) });
            set(&mut made, key);
        }
        Plant::NamesApart | Plant::AddressesInTwoClusters | Plant::AddressesApart => {
            let kind = if *plant == Plant::NamesApart { IdentityKind::Hostname } else { IdentityKind::Ip };
            if *plant == Plant::AddressesApart {
                made.holder.nics = vec![Nic { index: 0, bridge: "vmbr0".into(), tag: Some(7 + u16::from(guest == 1)) }];
            } else {
                made.holder.cluster = Some(["east", "west"][guest].to_owned());
            }
            set(&mut made, of_first(&kind));
        }
        _ => return alone(made, plant, fleet.seed, first, place),
    }
    vec![made]
}

fn shared(made: &mut Made, (seed, first, guest): (u64, u64, usize), kind: &IdentityKind, other: Other) {
    let sighting = clean::sighting(seed, first, kind);
    match kind {
        IdentityKind::Ip => made.holder.nics = clean::guest(seed, first, &[]).holder.nics,
        IdentityKind::MachineId => set(made, clean::sighting(seed, first, &IdentityKind::DbusMachineId)),
        _ => {}
    }
    if *kind == IdentityKind::DbusMachineId {
        // Not the machine-id of either.
        let id = Draw::new(seed, first, "another id").hex32();
        set(made, plain(kind.clone(), &id, Source::Helper));
    } else {
        set(made, sighting);
    }
    if guest == 1 {
        made.holder.state = match other {
            Other::Running => GuestState::Running,
            Other::Stopped => GuestState::Stopped,
            Other::Backup => backup_of(first + 1, born(first + 1) + 60),
        };
    }
}

/// Plants that are no matter between their guests.
fn alone(mut made: Made, plant: &Plant, seed: u64, first: u64, place: u64) -> Vec<Made> {
    let ages = |key: i64| Sighting { modified: Some(key), ..clean::sighting(seed, place, &ed25519()) };
    let rsa = IdentityKind::SshHostKey("ssh-rsa".into());
    match plant {
        Plant::ReusedNumber => {
            let mut old = made.clone();
            old.holder.state = backup_of(place, born(place) - 60);
            old.holder.born = None;
            old.sightings.retain(|sighting| sighting.identity.kind == ed25519());
            return vec![old, made];
        }
        Plant::OwnBackup => {
            let mut backup = made.clone();
            backup.holder.state = backup_of(place, born(place) + 60);
            return vec![made, backup];
        }
        Plant::Zeros => set(&mut made, plain(IdentityKind::MachineId, &"0".repeat(32), Source::Helper)),
        Plant::Dsa => {
            let kind = IdentityKind::SshHostKey("ssh-dss".into());
            set(&mut made, clean::sighting(seed, place, &kind));
        }
        Plant::ShortRsa => {
            let key = Some(KeyFacts { bits: 1024, modulus: None });
            set(&mut made, Sighting { key, ..clean::sighting(seed, place, &rsa) });
        }
        Plant::OldKey => set(&mut made, ages(born(place) - 30 * DAY)),
        Plant::FutureKey => set(&mut made, ages(NOW + 10 * DAY)),
        Plant::Restored => {
            made.holder.ancestry.restored_from = Some(volid(place));
            set(&mut made, ages(born(place) - 30 * DAY));
        }
        Plant::Refused | Plant::Silent | Plant::SecondSource | Plant::Qemu => {
            made.areas.retain(|area| *area != Area::Tree);
            made.sightings.retain(|sighting| sighting.source != Source::Helper);
            match plant {
                Plant::Qemu => made.holder.kind = GuestKind::Qemu,
                Plant::SecondSource => made.sightings.push(plain(
                    IdentityKind::MachineId,
                    &Draw::new(seed, place, "by ssh").hex32(),
                    Source::Ssh,
                )),
                _ => {}
            }
            if matches!(plant, Plant::Refused | Plant::SecondSource) {
                made.unread.push(Unread { item: "tree".into(), source: Some(Source::Helper), why: refusal(place) });
            }
        }
        Plant::TwoNics => {
            made.holder.nics.push(Nic { index: 1, bridge: "vmbr0".into(), tag: None });
            let mac = clean::sighting(seed, place, &IdentityKind::Mac);
            made.sightings.push(Sighting { at: Place::Nic(1), ..mac });
        }
        Plant::GoldenTemplate => {
            made.holder.state = GuestState::Template;
            made.holder.ancestry = Ancestry { golden: Some(GOLDEN.into()), is_golden: true, ..Ancestry::default() };
            for kind in leakable() {
                let identity = of_golden(seed, &kind);
                set(&mut made, Sighting { identity, ..clean::sighting(seed, place, &kind) });
            }
        }
        Plant::LinkLocal => made.sightings.extend(
            ["fe80::1", "169.254.7.7", "127.0.0.1", "::1"]
                .map(|address| plain(IdentityKind::Ip, address, Source::Interfaces)),
        ),
        Plant::Docker => {
            let bridge = plain(IdentityKind::Ip, "172.17.0.1", Source::Interfaces);
            made.sightings.push(Sighting { at: Place::Inner, ..bridge });
        }
        Plant::Labels => {
            made.holder.name = format!("web-{first}.customer-{place}.example");
            let whole = plain(IdentityKind::Hostname, &made.holder.name, Source::Config);
            set(&mut made, whole);
            made.sightings.push(plain(IdentityKind::Hostname, &format!("web-{first}"), Source::Helper));
        }
        Plant::Neighbour if place > first => {
            let mac = clean::sighting(seed, first, &IdentityKind::Mac);
            made.sightings.push(Sighting { source: Source::Neighbour, ..mac });
        }
        Plant::BackupName if place > first => {
            made.holder.state = backup_of(place, born(place) + 60);
            set(&mut made, clean::sighting(seed, first, &IdentityKind::Hostname));
        }
        Plant::TwoKinds => {
            let kind = content(if place > first { "munge-key" } else { "erlang-cookie" });
            let text = Draw::new(seed, first, "one text").hex32();
            set(&mut made, plain(kind, &text, Source::Helper));
        }
        Plant::ByDesign => made.sightings.push(plain(content("ssh-moduli"), "the same", Source::Helper)),
        _ => {}
    }
    vec![made]
}

fn refusal(place: u64) -> String {
    format!("the helper refused {place}")
}

/// What a plant's guests must be found to share.
pub(crate) fn truth(fleet: &Fleet, plant: &Plant, first: u64) -> Vec<Expected> {
    let [one, two] = [first, first + 1].map(|place| vmid(place).to_string());
    let pair = vec![one.clone(), two.clone()];
    let find = |class, kind: &IdentityKind, origin: &str, guests: &[String]| {
        (class, kind.to_string(), origin.to_owned(), guests.to_vec())
    };
    let weak = |kind: &IdentityKind, guests: &[String]| find(Class::Weak, kind, "-", guests);
    match plant {
        Plant::Shared(kind, other) => of_shared(kind, *other, &one, &two, first),
        Plant::RawRestore => {
            let told = fleet.kinds.iter().filter(|kind| **kind != IdentityKind::DbusMachineId);
            told.map(|kind| find(Class::Collision, kind, "backup", &pair)).collect()
        }
        Plant::Clone => vec![find(Class::Collision, &ed25519(), "clone", &pair)],
        Plant::Three => {
            let three = [pair, vec![vmid(first + 2).to_string()]].concat();
            vec![find(Class::Collision, &ed25519(), "clone", &three)]
        }
        Plant::DerivedDuid | Plant::DbusCopy => vec![find(Class::Collision, &IdentityKind::MachineId, "clone", &pair)],
        Plant::DrawnDuid => vec![find(Class::Collision, &content("dhcp-client-id"), "clone", &pair)],
        Plant::MacAddress | Plant::MacApart => vec![find(Class::Collision, &IdentityKind::Mac, "unknown", &pair)],
        Plant::UnknownLeak => vec![find(Class::GoldenLeak, &content("munge-key"), "golden", &[two])],
        Plant::ReusedNumber => {
            let backup = format!("{one}@{}", volid(first));
            vec![find(Class::Dormant, &ed25519(), "backup", &[backup, one])]
        }
        Plant::Zeros => [one, two].map(|guest| weak(&IdentityKind::MachineId, &[guest])).to_vec(),
        Plant::Dsa => vec![weak(&IdentityKind::SshHostKey("ssh-dss".into()), &[one])],
        Plant::ShortRsa => vec![weak(&IdentityKind::SshHostKey("ssh-rsa".into()), &[one])],
        Plant::OldKey | Plant::FutureKey => vec![weak(&ed25519(), &[one])],
        Plant::SharedPrime(_) => vec![weak(&IdentityKind::SshHostKey("ssh-rsa".into()), &pair)],
        Plant::Refused => vec![(Class::Unverified, "tree".into(), refusal(first), vec![one])],
        Plant::Silent => vec![(Class::Unverified, "tree".into(), "nobody looked".into(), vec![one])],
        _ => Vec::new(),
    }
}

fn of_shared(kind: &IdentityKind, other: Other, one: &str, two: &str, first: u64) -> Vec<Expected> {
    let given = matches!(kind, IdentityKind::Mac | IdentityKind::Ip | IdentityKind::Hostname);
    let class = if other == Other::Running { Class::Collision } else { Class::Dormant };
    let (two, origin) = match other {
        Other::Backup if *kind == IdentityKind::Hostname => return Vec::new(),
        Other::Backup => (format!("{two}@{}", volid(first + 1)), "backup"),
        _ => (two.to_owned(), "clone"),
    };
    let origin = if given { "unknown" } else { origin };
    vec![(class, kind.to_string(), origin.to_owned(), vec![one.to_owned(), two])]
}
