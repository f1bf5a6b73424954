//! The proof that a removed guest's volumes went with it.

use std::collections::BTreeSet;

use pve_client::Client;
use pve_client::wire::{GuestConfig, Permissions};
use saga::StepError;
use serde::Serialize;
use spec::ids::{StorageId, Vmid, Volid};

use super::failure::chain;
use super::rights::has;

/// What is known of a removed guest's volumes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "volumes", rename_all = "kebab-case")]
pub enum Leftovers {
    /// Everything was listed, and nothing bears the guest's number.
    Gone,
    /// Volumes that were the guest's are still there.
    Left {
        /// Their ids.
        volids: Vec<String>,
    },
    /// Volumes bear its number that its configuration, as far as it was seen, did not name: whose they are nobody knows.
    Unclaimed {
        /// Their ids.
        volids: Vec<String>,
    },
    /// It could not be looked at, or not at all of it.
    Unverified {
        /// Why.
        why: String,
    },
}

/// One storage, looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listing {
    /// The ids of all volumes that bear the number.
    Whole(Vec<String>),
    /// It could not be listed, or rows may be missing.
    Blind(String),
}

/// The volumes that a guest's configuration names. Mount points of the node's own folders and devices are none.
pub fn volumes_of(config: &GuestConfig) -> BTreeSet<Volid> {
    let holds_volume = |key: &str| {
        let kind = key.trim_end_matches(|c: char| c.is_ascii_digit());
        key == "rootfs" || (kind != key && matches!(kind, "mp" | "unused"))
    };
    let named = config.values.iter().filter(|(key, _)| holds_volume(key));
    named.filter_map(|(_, value)| value.split(',').next()?.parse().ok()).collect()
}

/// Decides from what the removed guest owned and what is listed now.
pub fn judge(own: &BTreeSet<Volid>, listings: &[Listing]) -> Leftovers {
    let listed = listings.iter().flat_map(Listing::volids);
    let is_own = |volid: &String| volid.parse().is_ok_and(|volid: Volid| own.contains(&volid));
    let (left, unclaimed): (Vec<String>, Vec<String>) = listed.cloned().partition(is_own);
    let blind: Vec<&str> = listings.iter().filter_map(Listing::blindness).collect();
    match () {
        () if !left.is_empty() => Leftovers::Left { volids: left },
        () if !blind.is_empty() => Leftovers::Unverified { why: blind.join("; ") },
        () if listings.is_empty() => Leftovers::Unverified { why: "no storage was looked at".to_owned() },
        () if !unclaimed.is_empty() => Leftovers::Unclaimed { volids: unclaimed },
        () => Leftovers::Gone,
    }
}

impl Listing {
    /// What is listed; nothing where nobody saw.
    pub(crate) fn volids(&self) -> &[String] {
        match self {
            Self::Whole(volids) => volids,
            Self::Blind(_) => &[],
        }
    }

    /// Why it could not be looked at, where it could not.
    pub(crate) fn blindness(&self) -> Option<&str> {
        match self {
            Self::Whole(_) => None,
            Self::Blind(why) => Some(why),
        }
    }
}

impl Leftovers {
    /// Volumes that are left take disk for ever and have no guest to be found by: a person removes them.
    ///
    /// # Errors
    /// Parks with the commands to run on the node.
    pub fn refuse(&self, vmid: Vmid) -> Result<(), StepError> {
        let Self::Left { volids } = self else { return Ok(()) };
        Err(StepError::park(
            format!("guest {vmid} is removed and its volumes are not: {}", volids.join(", ")),
            format!(
                "on the node, if no guest uses them: pvesm free {}; then: reset-agent resume",
                volids.join(" && pvesm free ")
            ),
        ))
    }
}

/// Lists the storages that may hold something of a removed guest. Only for a number that no guest has: a stranger's
/// volumes could bear the very same names.
pub async fn leftovers(pve: &Client, vmid: Vmid, own: &BTreeSet<Volid>, storage: &StorageId) -> Leftovers {
    leftovers_on(pve, vmid, own, &BTreeSet::from([storage.clone()])).await
}

/// The same where it may own more than was ever seen of it, on any of these storages.
pub(crate) async fn leftovers_on(
    pve: &Client,
    vmid: Vmid,
    own: &BTreeSet<Volid>,
    storages: &BTreeSet<StorageId>,
) -> Leftovers {
    let all = own.iter().map(|volid| &volid.storage).chain(storages).cloned().collect();
    judge(own, &listings(pve, vmid, &all).await)
}

/// What of the number there is on these storages.
pub(crate) async fn listings(pve: &Client, vmid: Vmid, storages: &BTreeSet<StorageId>) -> Vec<Listing> {
    let permissions = match pve.permissions().await {
        Ok(permissions) => permissions,
        Err(error) => return vec![Listing::Blind(chain(&error))],
    };
    let mut listings = Vec::new();
    for storage in storages {
        listings.push(list(pve, vmid, storage, &permissions).await);
    }
    listings
}

async fn list(pve: &Client, vmid: Vmid, storage: &StorageId, permissions: &Permissions) -> Listing {
    if !may_see_all(permissions, vmid, storage) {
        return Listing::Blind(format!("the token may not list volumes of guest {vmid} on storage {storage}"));
    }
    match pve.volumes(storage, vmid).await {
        Ok(rows) => Listing::Whole(rows.into_iter().map(|row| row.volid).collect()),
        Err(error) => Listing::Blind(chain(&error)),
    }
}

/// Proxmox leaves out rows that the token may not read, without a word.
fn may_see_all(permissions: &Permissions, vmid: Vmid, storage: &StorageId) -> bool {
    has(permissions, &format!("/vms/{vmid}"), "VM.Config.Disk")
        || has(permissions, &format!("/storage/{storage}"), "Datastore.Allocate")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DISK: &str = "local:200/vm-200-disk-0.raw";

    fn own() -> BTreeSet<Volid> {
        BTreeSet::from([DISK.parse().unwrap()])
    }

    fn whole(volids: &[&str]) -> Listing {
        Listing::Whole(volids.iter().map(|volid| (*volid).to_owned()).collect())
    }

    #[test]
    fn only_a_whole_and_empty_listing_is_proof() {
        assert_eq!(judge(&own(), &[whole(&[])]), Leftovers::Gone);
        assert!(matches!(judge(&own(), &[]), Leftovers::Unverified { .. }));
        let blind = Listing::Blind("no right".to_owned());
        assert_eq!(judge(&own(), &[whole(&[]), blind.clone()]), Leftovers::Unverified { why: "no right".to_owned() });
        let left = judge(&own(), &[whole(&[DISK]), blind]);
        assert_eq!(left, Leftovers::Left { volids: vec![DISK.to_owned()] });
        assert!(matches!(left.refuse("200".parse().unwrap()), Err(StepError::Park { .. })));
    }

    #[test]
    fn volumes_that_the_guest_did_not_name_are_told_and_not_blamed_on_it() {
        let told = judge(&own(), &[whole(&["local:200/vm-200-disk-7.raw"])]);
        assert!(matches!(told, Leftovers::Unclaimed { .. }), "{told:?}");
        assert!(told.refuse("200".parse().unwrap()).is_ok());
    }

    #[test]
    fn a_configuration_names_its_volumes() {
        let values = [
            ("rootfs", "local:200/vm-200-disk-0.raw,size=8G"),
            ("mp0", "other:200/vm-200-disk-1.raw,mp=/srv"),
            ("mp1", "/srv/shared,mp=/shared"),
            ("unused0", "local:200/vm-200-disk-2.raw"),
            ("hostname", "local:x"),
        ];
        let values = values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let volumes = volumes_of(&GuestConfig { values, ..GuestConfig::default() });
        let named: Vec<String> = volumes.iter().map(ToString::to_string).collect();
        assert_eq!(
            named,
            ["local:200/vm-200-disk-0.raw", "local:200/vm-200-disk-2.raw", "other:200/vm-200-disk-1.raw"]
        );
    }

    #[test]
    fn an_empty_listing_counts_only_with_the_right_to_see() {
        let permissions = |path: &str, privilege: &str| {
            Permissions::from([(path.to_owned(), std::collections::BTreeMap::from([(privilege.to_owned(), 1)]))])
        };
        let (vmid, storage) = ("200".parse().unwrap(), "local".parse().unwrap());
        assert!(may_see_all(&permissions("/vms", "VM.Config.Disk"), vmid, &storage));
        assert!(may_see_all(&permissions("/storage/local", "Datastore.Allocate"), vmid, &storage));
        assert!(!may_see_all(&permissions("/storage/local", "Datastore.AllocateSpace"), vmid, &storage));
    }
}
