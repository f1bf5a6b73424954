//! The guest's time zone.

use super::detect::Ostype;
use super::guest::Guest;
use crate::error::Die;

/// Points the guest at the configured zone, where its own database has it; `host` means the host's.
pub(super) fn write(guest: &Guest<'_>) -> Result<(), Die> {
    let Some(zone) = guest.conf.get("timezone").filter(|_| guest.system.ostype != Ostype::NixOs) else { return Ok(()) };
    let (path, name) = match zone {
        "host" => (guest.host.localtime.clone(), guest.host.timezone.as_str()),
        zone => (format!("/usr/share/zoneinfo/{zone}"), zone),
    };
    let tree = &guest.tree;
    if !tree.is_file(&path) {
        guest.say.line(&format!("container does not have {path}, timezone can not be modified"));
        return Ok(());
    }
    if tree.real("/etc/localtime").as_deref() != Some(&path) {
        tree.link(&path, "/etc/localtime")?;
    }
    if tree.is_file("/etc/timezone") { tree.write("/etc/timezone", &format!("{name}\n")) } else { Ok(()) }
}
