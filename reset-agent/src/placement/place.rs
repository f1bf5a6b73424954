//! The decision: candidates and what is asked of them, in; one node, or why none, out.

use std::cmp::Reverse;
use std::fmt;

use spec::ids::{NodeName, Sha256Hex};

/// What a new guest asks of its node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Memory that it may use, bytes.
    pub memory: u64,
    /// Size of its root disk, bytes.
    pub disk: u64,
    /// Spreads those that would do equally well: the run's id.
    pub seed: String,
    /// Whether a template is to be made: one per node is enough.
    pub template: bool,
}

/// A node as it was observed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its name.
    pub node: NodeName,
    /// Why it is out of the question already, or what it has.
    pub room: Result<Room, Unfit>,
}

/// What a node has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Memory that nothing uses, bytes.
    pub memory: u64,
    /// What is free on its storage for guests, bytes.
    pub disk: u64,
    /// Whether a template of the release is ready there.
    pub warm: bool,
    /// Guests that are being made there: their memory is not in use yet.
    pub in_flight: u64,
}

/// Why a node does not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The cluster does not name it.
    #[error("the cluster has no node of that name")]
    Unknown,
    /// It is down, or cut off.
    #[error("it is {0}")]
    NotOnline(String),
    /// Its numbers are hidden from the token.
    #[error("its free memory is not told: the token lacks Sys.Audit on /nodes/{0}")]
    MemoryHidden(NodeName),
    /// The archive is not there, or another of its name.
    #[error("it does not have the archive")]
    NoArchive,
    /// Its storage for guests cannot be used.
    #[error("{0}")]
    NoStorage(String),
    /// There is a template already.
    #[error("it has a warm golden of this release already")]
    WarmAlready,
    /// Too little memory.
    #[error("{} MiB of memory are free, and {} MiB are asked for", free >> 20, asked >> 20)]
    Memory {
        /// Free, after what guests that are being made will take.
        free: u64,
        /// Asked for.
        asked: u64,
    },
    /// Too little disk.
    #[error("{} MiB are free on its storage, and {} MiB are asked for", free >> 20, asked >> 20)]
    Disk {
        /// Free.
        free: u64,
        /// Asked for.
        asked: u64,
    },
}

/// No node does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoPlace {
    /// Every node and why.
    pub nodes: Vec<(NodeName, Unfit)>,
}

impl fmt::Display for NoPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no node has a place for the guest")?;
        for (at, (node, why)) in self.nodes.iter().enumerate() {
            write!(f, "{} {node}: {why}", if at == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}

impl std::error::Error for NoPlace {}

/// Chooses. First the nodes that have a template to clone, for a clone takes a fraction of the time; then the one where
/// the fewest guests are being made; then the one with the most free memory, by whole GiB. The same facts give the same
/// node; runs for which several would do equally well are spread over them.
///
/// # Errors
/// [`NoPlace`] names every node and why it does not do.
pub fn place(candidates: &[Candidate], ask: &Ask) -> Result<NodeName, NoPlace> {
    let judged: Vec<_> = candidates.iter().map(|candidate| (&candidate.node, judge(candidate, ask))).collect();
    let fit = judged.iter().filter_map(|(node, room)| room.as_ref().ok().map(|room| (*node, room)));
    match fit.min_by_key(|(node, room)| rank(node, room, ask)) {
        Some((node, _)) => Ok(node.clone()),
        None => Err(NoPlace {
            nodes: judged.into_iter().filter_map(|(node, room)| Some((node.clone(), room.err()?))).collect(),
        }),
    }
}

fn rank(node: &NodeName, room: &Room, ask: &Ask) -> (Reverse<bool>, u64, Reverse<u64>, Sha256Hex) {
    let spread = Sha256Hex::of(format!("{} {node}", ask.seed).as_bytes());
    (Reverse(room.warm), room.in_flight, Reverse(room.memory >> 30), spread)
}

/// Guests that are being made are taken to need as much memory as this one.
fn judge(candidate: &Candidate, ask: &Ask) -> Result<Room, Unfit> {
    let room = candidate.room.clone()?;
    let memory = room.memory.saturating_sub(room.in_flight.saturating_mul(ask.memory));
    match () {
        () if ask.template && room.warm => Err(Unfit::WarmAlready),
        () if memory < ask.memory => Err(Unfit::Memory { free: memory, asked: ask.memory }),
        () if room.disk < ask.disk => Err(Unfit::Disk { free: room.disk, asked: ask.disk }),
        () => Ok(room),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const GIB: u64 = 1 << 30;

    fn ask() -> Ask {
        Ask { memory: 2 * GIB, disk: 8 * GIB, seed: "run".into(), template: false }
    }

    fn node(name: &str, change: impl FnOnce(&mut Room)) -> Candidate {
        let mut room = Room { memory: 16 * GIB, disk: 100 * GIB, warm: false, in_flight: 0 };
        change(&mut room);
        Candidate { node: name.parse().unwrap(), room: Ok(room) }
    }

    fn chosen(candidates: &[Candidate]) -> String {
        place(candidates, &ask()).unwrap().to_string()
    }

    #[test]
    fn a_template_counts_before_guests_in_flight_and_those_before_free_memory() {
        let roomy = node("roomy", |room| room.memory = 64 * GIB);
        assert_eq!(chosen(&[node("small", |_| ()), roomy.clone()]), "roomy");
        let busy = node("busy", |room| (room.memory, room.in_flight) = (64 * GIB, 2));
        assert_eq!(chosen(&[busy.clone(), node("idle", |_| ())]), "idle");
        let warm = node("warm", |room| (room.warm, room.in_flight) = (true, 2));
        assert_eq!(chosen(&[roomy, busy, warm]), "warm");
    }

    #[test]
    fn equals_are_spread_by_run_and_always_the_same_for_one() {
        let nodes: Vec<Candidate> = ["a", "b", "c"].iter().map(|name| node(name, |_| ())).collect();
        let place = |seed: u32| place(&nodes, &Ask { seed: seed.to_string(), ..ask() }).unwrap();
        let all: BTreeSet<NodeName> = (0..50).map(place).collect();
        assert_eq!(all.len(), 3);
        let reversed: Vec<Candidate> = nodes.iter().rev().cloned().collect();
        for seed in 0..50 {
            let again = super::place(&reversed, &Ask { seed: seed.to_string(), ..ask() }).unwrap();
            assert_eq!(place(seed), again, "the order of the configuration decides nothing");
        }
    }

    #[test]
    fn guests_in_flight_will_take_memory_that_looks_free() {
        let full = node("full", |room| (room.memory, room.in_flight) = (6 * GIB, 3));
        let refused = place(&[full], &ask()).unwrap_err();
        assert_eq!(refused.nodes[0].1, Unfit::Memory { free: 0, asked: 2 * GIB });
    }

    #[test]
    fn a_refusal_names_every_node_and_why() {
        let out = |name: &str, why| Candidate { node: name.parse().unwrap(), room: Err(why) };
        let nodes = [
            out("down", Unfit::NotOnline("offline".into())),
            out("bare", Unfit::NoArchive),
            node("full", |room| room.disk = GIB),
            node("tight", |room| room.memory = GIB),
        ];
        let text = place(&nodes, &ask()).unwrap_err().to_string();
        for told in [
            "down: it is offline",
            "bare: it does not have the archive",
            "full: 1024 MiB are free on its",
            "tight: 1024 MiB of memory",
        ] {
            assert!(text.contains(told), "{told}: {text}");
        }
        assert!(place(&[], &ask()).is_err());
    }

    #[test]
    fn a_second_template_goes_to_another_node() {
        let nodes = [node("warm", |room| room.warm = true), node("cold", |room| room.in_flight = 1)];
        let template = Ask { template: true, ..ask() };
        assert_eq!(place(&nodes, &template).unwrap().as_str(), "cold");
        assert_eq!(place(&nodes[..1], &template).unwrap_err().nodes[0].1, Unfit::WarmAlready);
    }
}
