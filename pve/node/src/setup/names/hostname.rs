//! The guest's own name, where its distribution keeps it.

use super::{Dns, hosts};
use crate::error::Die;
use crate::setup::detect::Ostype;
use crate::setup::guest::Guest;
use crate::setup::marked::{Fresh, place};
use crate::setup::network::primary_address;

/// Writes the name, and the line of `/etc/hosts` that belongs to it.
pub(in crate::setup) fn write(guest: &Guest<'_>) -> Result<(), Die> {
    let tree = &guest.tree;
    let (name, short) = (guest.hostname(), guest.short_name());
    match guest.system.ostype {
        Ostype::Gentoo => {
            tree.need("/etc/conf.d/hostname")?;
            hosts_line(guest, name)?;
            tree.write("/etc/conf.d/hostname", &format!("hostname=\"{short}\"\n"))
        }
        Ostype::CentOs | Ostype::Fedora | Ostype::OpenEuler => {
            hosts_line(guest, name)?;
            tree.write("/etc/hostname", &format!("{name}\n"))?;
            match tree.read("/etc/sysconfig/network")? {
                Some(old) => tree.write("/etc/sysconfig/network", &with_hostname(&old, name)),
                None => Ok(()),
            }
        }
        _ => {
            hosts_line(guest, name)?;
            tree.write("/etc/hostname", &format!("{short}\n"))
        }
    }
}

fn hosts_line(guest: &Guest<'_>, hostname: &str) -> Result<(), Die> {
    let old = guest.tree.read("/etc/hosts")?;
    let address = primary_address(&guest.nics);
    let lines = hosts::lines(old.as_deref(), hostname, &Dns::of(guest).search, address.as_deref());
    place(&guest.tree, "/etc/hosts", &lines, Fresh::Behind, 0o644, false)
}

/// Red Hat's old place for the name.
fn with_hostname(old: &str, hostname: &str) -> String {
    let is_hostname = |line: &str| {
        line.strip_prefix("HOSTNAME=").is_some_and(|rest| !rest.trim().contains([' ', '\t']) && !rest.trim().is_empty())
    };
    let Some(at) = old.split('\n').position(is_hostname) else {
        return format!("{old}HOSTNAME={hostname}\n");
    };
    let line = |(n, line): (usize, &str)| if n == at { format!("HOSTNAME={hostname}") } else { line.to_owned() };
    old.split('\n').enumerate().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::with_hostname;

    #[test]
    fn the_first_hostname_is_replaced_or_one_is_added() {
        assert_eq!(with_hostname("A=1\nHOSTNAME= old \nB=2\n", "new.test"), "A=1\nHOSTNAME=new.test\nB=2\n");
        assert_eq!(with_hostname("A=1\n", "new.test"), "A=1\nHOSTNAME=new.test\n");
    }
}
