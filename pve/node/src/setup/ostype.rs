//! Which distribution a tree holds.

use super::rooted::Root;
use crate::error::Die;

/// The `ostype` of a tree, by `ID` in its os-release(5); `unmanaged` where nobody can tell.
pub fn detect_ostype(tree: &Root) -> Result<&'static str, Die> {
    let text = match tree.read("/etc/os-release")? {
        Some(text) => text,
        None => tree.read("/usr/lib/os-release")?.unwrap_or_default(),
    };
    Ok(of(&text))
}

fn of(os_release: &str) -> &'static str {
    let id = os_release.lines().find_map(|line| line.strip_prefix("ID=")).unwrap_or_default();
    match id.trim_matches(['"', '\'']) {
        "debian" => "debian",
        "devuan" => "devuan",
        "ubuntu" => "ubuntu",
        "centos" | "rocky" | "almalinux" | "rhel" => "centos",
        "fedora" => "fedora",
        "arch" => "archlinux",
        "alpine" => "alpine",
        "gentoo" => "gentoo",
        "nixos" => "nixos",
        id if id == "opensuse" || id.starts_with("opensuse-") || id == "sles" => "opensuse",
        _ => "unmanaged",
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn distributions_are_told_by_their_id() {
        assert_eq!(of("NAME=x\nID=debian\nVERSION_ID=\"13\"\n"), "debian");
        assert_eq!(of("ID=\"rocky\"\n"), "centos");
        assert_eq!(of("ID=plan9\n"), "unmanaged");
        assert_eq!(of(""), "unmanaged");
    }
}
