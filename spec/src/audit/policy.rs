//! What the judgement depends on besides the fleet.

use super::subject::NameScope;

/// What the judgement depends on besides the fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Whether a hostname is one per cluster or one everywhere.
    pub names: NameScope,
    /// When the audit is, in seconds since 1970; without it nothing is too new.
    pub now: Option<i64>,
    /// The fewest bits of an RSA host key that are enough.
    pub shortest_rsa: u32,
    /// So many RSA moduli are searched for shared primes. The search takes about n^1.5; what is left out is told.
    pub most_moduli: usize,
}

impl Default for Policy {
    /// 2048 bits: NIST SP 800-131A, and OpenSSH's own default for `RequiredRSASize` is below it. 50,000 moduli take minutes.
    fn default() -> Self {
        Self { names: NameScope::Cluster, now: None, shortest_rsa: 2048, most_moduli: 50_000 }
    }
}
