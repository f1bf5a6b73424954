//! Guests and truth of a seed and a size.

use std::collections::{BTreeMap, BTreeSet};

use spec::audit::{Area, Holder, Sighting, Unread};
use spec::identity::{ForbiddenSet, IdentityKind};
use spec::report::Class;

use crate::clean::{self, Profile};
use crate::draw::Draw;
use crate::effect;
use crate::plant::Plant;

/// A guest or backup, with all that a look at it gave.
#[derive(Debug, Clone)]
pub struct Made {
    /// Who it is.
    pub holder: Holder,
    /// What was looked at.
    pub areas: Vec<Area>,
    /// What was seen.
    pub sightings: Vec<Sighting>,
    /// What was not.
    pub unread: Vec<Unread>,
}

impl Made {
    pub(crate) fn of(holder: Holder) -> Self {
        Self { holder, areas: Vec::new(), sightings: Vec::new(), unread: Vec::new() }
    }
}

/// What must be found: class, kind, the word of its origin, and the guests by their keys. What was not seen is told by its
/// reason.
pub type Truth = BTreeMap<(Class, String, String), BTreeSet<String>>;

/// A fleet: a function of seed, size and profile.
#[derive(Debug)]
pub struct Fleet {
    pub(crate) seed: u64,
    size: u64,
    pub(crate) kinds: Vec<IdentityKind>,
    /// Plants, each with its first place.
    plants: Vec<(Plant, u64)>,
    /// Which plant has a place, and which of its guests stands there.
    planted: BTreeMap<u64, (usize, usize)>,
}

impl Fleet {
    /// The fleet of a seed. One guest in six or so has something planted, five thousand at most.
    pub fn new(seed: u64, size: u64, profile: Profile) -> Self {
        let mut fleet = Self { seed, size, kinds: clean::kinds(profile), plants: Vec::new(), planted: BTreeMap::new() };
        let all = Plant::all();
        let mut draw = Draw::new(seed, 0, "plants");
        let (mut place, mut primes) = (draw.below(5), 0);
        let (wanted, gap) = ((size / 6).min(5_000), (size / 15_000).max(1));
        let first = draw.below(all.len() as u64);
        let step = 97; // Coprime to the number of plants: all have their turn.
        for turn in 0..wanted {
            let at = usize::try_from((first + turn * step) % all.len() as u64).unwrap_or(0);
            let mut plant = all[at].clone();
            if let Plant::SharedPrime(number) = &mut plant {
                *number = primes;
                primes += 1;
                if primes > crate::moduli::PAIRS {
                    continue;
                }
            }
            if place + plant.guests() as u64 > size {
                break;
            }
            for guest in 0..plant.guests() {
                fleet.planted.insert(place + guest as u64, (fleet.plants.len(), guest));
            }
            fleet.plants.push((plant.clone(), place));
            place += plant.guests() as u64 + draw.below(2 * gap);
        }
        fleet
    }

    /// How many places it has. A place may hold a guest and backups.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What was planted.
    pub fn plants(&self) -> impl Iterator<Item = &Plant> {
        self.plants.iter().map(|(plant, _)| plant)
    }

    /// The goldens' values.
    pub fn goldens(&self) -> Vec<ForbiddenSet> {
        effect::goldens(self.seed)
    }

    /// The guest at a place, with its backups.
    pub fn at(&self, place: u64) -> Vec<Made> {
        match self.planted.get(&place) {
            None => vec![clean::guest(self.seed, place, &self.kinds)],
            Some((plant, guest)) => {
                let (plant, first) = &self.plants[*plant];
                effect::made(self, plant, *first, *guest)
            }
        }
    }

    /// What must be found, and nothing else.
    pub fn truth(&self) -> Truth {
        let mut truth = Truth::new();
        let mut leaked: BTreeMap<&IdentityKind, Vec<String>> = BTreeMap::new();
        for (plant, first) in &self.plants {
            if let Plant::Leak(kind) = plant {
                leaked.entry(kind).or_default().push(clean::vmid(*first).to_string());
            }
        }
        // One golden's value at several guests is theirs in common too.
        for (kind, mut guests) in leaked {
            guests.sort_unstable();
            let key = |class| (class, kind.to_string(), format!("golden {}", guests.join(" ")));
            truth.insert(key(Class::GoldenLeak), guests.iter().cloned().collect());
            if guests.len() > 1 {
                truth.insert(key(Class::Collision), guests.iter().cloned().collect());
            }
        }
        for (plant, first) in self.plants.iter().filter(|(plant, _)| !matches!(plant, Plant::Leak(_))) {
            for (class, kind, group, guests) in effect::truth(self, plant, *first) {
                // What was not seen is told once for each reason; everything else once for each set of guests.
                let mut guests = guests;
                guests.sort_unstable();
                let group = if class == Class::Unverified { group } else { format!("{group} {}", guests.join(" ")) };
                truth.entry((class, kind, group)).or_default().extend(guests);
            }
        }
        truth
    }
}
