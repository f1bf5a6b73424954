//! The recipe of goldens that are made to be tried: Debian with an SSH server and nothing else.

/// A recipe without Docker, on a base that all who use it share in the cache, with more of its own.
///
/// `bridge` is the node's; `user_ca` the public half of the key that opens its guests.
pub fn small_recipe(name: &str, bridge: &str, user_ca: &str, more: &str) -> String {
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
net0 = {{ bridge = "{bridge}", ip = "dhcp" }}
[access]
user_ca = "{user_ca}"
[release]
storage = "local"
{more}"#
    )
}
