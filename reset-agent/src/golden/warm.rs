//! Whether a template still is the golden that it was made from: looked at before each clone.

use pve_client::wire::GuestConfig;
use spec::ids::{BridgeName, Sha256Hex};

use crate::ledger::WarmGolden;
use crate::mark;

/// Storages whose templates can be cloned without a copy, by Proxmox's types.
const CLONING: &[&str] = &["btrfs", "lvmthin", "rbd", "zfs", "zfspool"];

/// Whether guests on a storage of this type can be linked clones.
pub fn can_clone(storage_type: &str) -> bool {
    CLONING.contains(&storage_type)
}

/// Why nothing is cloned from a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// It is not there.
    #[error("it is gone")]
    Gone,
    /// Its number is another guest's.
    #[error("its description does not bear the mark of the run that made it")]
    NotOurs,
    /// It could be started.
    #[error("it is no template")]
    NoTemplate,
    /// Somebody changed it.
    #[error("its configuration was changed after it was made")]
    Altered,
    /// Its interfaces lead elsewhere.
    #[error("{key} is not on bridge {bridge}")]
    OtherBridge {
        /// The interface.
        key: String,
        /// The bridge for new guests.
        bridge: BridgeName,
    },
}

/// A template's configuration by content. A `lock` comes and goes with every clone and is left out.
pub fn fingerprint(config: &GuestConfig) -> String {
    let values = config.values.iter().filter(|(key, _)| key.as_str() != "lock");
    let lines = values.map(|(key, value)| format!("{key}: {value}\n"));
    let raw = config.lxc.iter().map(|line| format!("{line:?}\n"));
    Sha256Hex::of(lines.chain(raw).collect::<String>().as_bytes()).to_string()
}

/// Holds a template's configuration against what was written down when it was made.
///
/// # Errors
/// [`Unusable`]: nothing may be cloned from it.
pub fn check(warm: &WarmGolden, config: Option<&GuestConfig>, bridge: &BridgeName) -> Result<(), Unusable> {
    let config = config.ok_or(Unusable::Gone)?;
    if !mark::is_of(config.get("description"), &warm.run) {
        return Err(Unusable::NotOurs);
    }
    if !config.flag("template") {
        return Err(Unusable::NoTemplate);
    }
    if fingerprint(config) != warm.fingerprint {
        return Err(Unusable::Altered);
    }
    let nets = pve_client::config_nets(config).map_err(|_| Unusable::Altered)?;
    match nets.iter().find(|(_, net)| net.get("bridge") != Some(bridge.as_str())) {
        Some((key, _)) => Err(Unusable::OtherBridge { key: key.clone(), bridge: bridge.clone() }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{GuestId, WarmState};

    const RUN: &str = "0193f2a4-0000-7000-8000-000000000001";

    fn config() -> GuestConfig {
        let values = [
            ("description", format!("golden\nmintmark:run={RUN}\n")),
            ("hostname", "warm".to_owned()),
            ("net0", "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=dhcp,link_down=1".to_owned()),
            ("template", "1".to_owned()),
        ];
        let values = values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        GuestConfig { values, ..GuestConfig::default() }
    }

    fn warm() -> WarmGolden {
        WarmGolden {
            guest: GuestId(1),
            vmid: "150".parse().unwrap(),
            run: RUN.parse().unwrap(),
            manifest: "a".repeat(64).parse().unwrap(),
            golden: "debian13".parse().unwrap(),
            title: "debian13 20261120T100000Z".into(),
            node: "pve".parse().unwrap(),
            storage: "bt".parse().unwrap(),
            size: "4G".parse().unwrap(),
            fingerprint: fingerprint(&config()),
            state: WarmState::Ready,
        }
    }

    fn checked(change: impl FnOnce(&mut GuestConfig)) -> Result<(), Unusable> {
        let mut config = config();
        change(&mut config);
        check(&warm(), Some(&config), &"vmbr0".parse().unwrap())
    }

    fn set(key: &str, value: &str) -> impl FnOnce(&mut GuestConfig) {
        let (key, value) = (key.to_owned(), value.to_owned());
        move |config| drop(config.values.insert(key, value))
    }

    #[test]
    fn i5_only_the_untouched_template_of_our_run_is_cloned() {
        assert_eq!(checked(|_| ()), Ok(()));
        // Another clone is under way.
        assert_eq!(checked(set("lock", "disk")), Ok(()));
        assert_eq!(checked(set("description", "mine")), Err(Unusable::NotOurs));
        assert_eq!(checked(set("template", "0")), Err(Unusable::NoTemplate));
        assert_eq!(checked(set("hookscript", "local:snippets/x")), Err(Unusable::Altered));
        assert_eq!(checked(|config| config.lxc.push(("lxc.cap.drop".into(), String::new()))), Err(Unusable::Altered));
        assert_eq!(check(&warm(), None, &"vmbr0".parse().unwrap()), Err(Unusable::Gone));
        let elsewhere = check(&warm(), Some(&config()), &"vmbr9".parse().unwrap());
        assert!(matches!(elsewhere, Err(Unusable::OtherBridge { .. })));
    }

    #[test]
    fn folders_cannot_clone() {
        assert!(can_clone("btrfs") && can_clone("zfspool") && !can_clone("dir") && !can_clone("nfs"));
    }
}
