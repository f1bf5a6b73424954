//! RSA host keys that share a prime: whoever computes one greatest common divisor has both private keys.

use super::batch_gcd::shared_primes;
use super::finding_id;
use super::judge::{Judge, Modulus};
use crate::report::{AuditFinding, Class, GuestRef};

/// The row of the catalog that these findings belong to.
const ITEM: &str = "ssh-host-keys";

/// One finding for each set of keys that are broken by each other, and one for keys that were not compared.
pub(super) fn findings(judge: &Judge<'_>) -> Vec<AuditFinding> {
    let (compared, left) = judge.moduli.split_at(judge.moduli.len().min(judge.policy.most_moduli));
    let moduli: Vec<&[u8]> = compared.iter().map(|key| key.bytes.as_slice()).collect();
    let groups = shared_primes(&moduli);
    let mut findings: Vec<AuditFinding> = groups.iter().map(|group| broken(judge, group)).collect();
    if !left.is_empty() {
        let why = format!(
            "{} of {} RSA host keys were not searched for shared primes: the search is limited to {}",
            left.len(),
            judge.moduli.len(),
            judge.policy.most_moduli
        );
        findings.push(AuditFinding::new(Class::Unverified, ITEM, "", why));
    }
    findings
}

fn broken(judge: &Judge<'_>, group: &[usize]) -> AuditFinding {
    let keys: Vec<&Modulus> = group.iter().filter_map(|at| judge.moduli.get(*at)).collect();
    let guests = keys
        .iter()
        .map(|key| GuestRef { sources: vec![key.held.mark.source()], ..judge.roster.guest(key.held.holder) });
    let value = keys.iter().map(|key| &*key.fingerprint).collect::<Vec<_>>().join(" ");
    AuditFinding {
        id: finding_id(Class::Weak, "shared-prime", &value),
        item: Some(ITEM.to_owned()),
        severity: 1,
        guests: guests.collect(),
        ..AuditFinding::new(
            Class::Weak,
            "ssh-host-key:ssh-rsa",
            &value,
            "their moduli share a prime: anybody computes both private keys from the public ones; make new keys on a \
             guest with a seeded random generator"
                .to_owned(),
        )
    }
}
