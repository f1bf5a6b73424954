//! machine-id(5), and D-Bus's own copy of it.

use crate::error::Die;
use crate::setup::init::systemd;
use crate::setup::rooted::Root;

const MACHINE_ID: &str = "/etc/machine-id";
const DBUS: &str = "/var/lib/dbus/machine-id";

/// A new guest has none: its first boot draws one.
pub(in crate::setup) fn forget(tree: &Root) -> Result<(), Die> {
    forget_copy(tree)?;
    if tree.is_file(MACHINE_ID) { tree.remove(MACHINE_ID) } else { Ok(()) }
}

/// A clone's is emptied: the next boot draws another, but is no first boot. `uninitialized` stays and means one.
pub(in crate::setup) fn sleep(tree: &Root) -> Result<(), Die> {
    forget_copy(tree)?;
    let asleep = tree.first_line(MACHINE_ID)?.as_deref() == Some("uninitialized");
    if tree.is_file(MACHINE_ID) && systemd::is_installed(tree) && !asleep {
        tree.write(MACHINE_ID, "\n")?;
    }
    Ok(())
}

fn forget_copy(tree: &Root) -> Result<(), Die> {
    let own = tree.is_file(DBUS) && !tree.is_link(DBUS);
    if own && systemd::is_installed(tree) { tree.remove(DBUS) } else { Ok(()) }
}
