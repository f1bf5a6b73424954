//! Which VMIDs are given for what: customers' guests, the pool's, warm goldens.

use spec::ids::Vmid;

use super::guests::VmidRange;
use super::setting::{BadSetting, accept};

/// What a new guest is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A customer: `guests.vmids`.
    Customer,
    /// Nobody yet: `pool.vmids`, or `guests.vmids`.
    Pool,
    /// A template that guests are cloned from: `warm.vmids`, or `guests.vmids`.
    Warm,
}

/// A range with the key under which it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawn {
    /// The key with its table: `guests.vmids`.
    pub key: &'static str,
    /// The numbers.
    pub range: VmidRange,
}

/// All ranges; none overlaps another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VmidRanges {
    guests: Drawn,
    pool: Option<Drawn>,
    warm: Option<Drawn>,
}

impl VmidRanges {
    /// The range for a purpose.
    pub fn of(&self, purpose: Purpose) -> Drawn {
        let own = match purpose {
            Purpose::Customer => None,
            Purpose::Pool => self.pool,
            Purpose::Warm => self.warm,
        };
        own.unwrap_or(self.guests)
    }

    /// The range in which a number lies; the customers', where it lies in none.
    pub fn around(&self, vmid: Vmid) -> Drawn {
        self.iter().find(|drawn| drawn.range.contains(vmid)).unwrap_or(self.guests)
    }

    /// All of them, the customers' first.
    pub fn iter(&self) -> impl Iterator<Item = Drawn> {
        [Some(self.guests), self.pool, self.warm].into_iter().flatten()
    }
}

/// Accepts the ranges of `[guests]`, `[pool]` and `[warm]`.
pub(super) fn accepted(
    guests: VmidRange,
    pool: Option<&String>,
    warm: Option<&String>,
) -> Result<VmidRanges, BadSetting> {
    let drawn = |key, text: &String| Ok(Drawn { key, range: accept(key, text)? });
    let ranges = VmidRanges {
        guests: Drawn { key: "guests.vmids", range: guests },
        pool: pool.map(|text| drawn("pool.vmids", text)).transpose()?,
        warm: warm.map(|text| drawn("warm.vmids", text)).transpose()?,
    };
    let all: Vec<Drawn> = ranges.iter().collect();
    for (at, one) in all.iter().enumerate() {
        if let Some(other) = all[..at].iter().find(|other| overlap(one.range, other.range)) {
            return Err(BadSetting {
                key: one.key,
                value: one.range.to_string(),
                why: format!("it overlaps {} = {}: give each numbers of its own", other.key, other.range),
            });
        }
    }
    Ok(ranges)
}

fn overlap(one: VmidRange, other: VmidRange) -> bool {
    one.from <= other.to && other.from <= one.to
}
