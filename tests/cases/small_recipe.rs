//! The recipe of goldens that a story builds for itself.

/// A recipe without Docker on a base that all stories share in the cache, with more of its own.
pub(crate) fn small_recipe(name: &str, more: &str) -> String {
    format!(
        r#"[golden]
name = "{name}"
[base]
bootstrap = {{ suite = "trixie", packages = ["systemd-sysv", "dbus", "openssh-server", "iproute2", "ifupdown", "isc-dhcp-client", "ca-certificates"] }}
[container]
unprivileged = true
features = ["nesting"]
cores = 1
memory = "512M"
rootfs = {{ storage = "local", size = "2G" }}
net0 = {{ bridge = "vmbr0", ip = "dhcp" }}
[access]
user_ca = "replaced-by---set.pub"
[release]
storage = "local"
{more}"#
    )
}
