//! The recipe of goldens that a story builds for itself.

/// A small recipe; the lab's bridge and key take the place of these with `--set` when it is built.
pub(crate) fn small_recipe(name: &str, more: &str) -> String {
    e2e::small_recipe(name, "vmbr0", "replaced-by---set.pub", more)
}

/// What makes its guests' boot short, and its archive: for stories that need a guest and nothing in it.
pub(crate) const SHORT: &str = r#"[[step]]
run = "systemctl mask --now systemd-networkd.service systemd-networkd.socket systemd-networkd-wait-online.service"
[minimize]
profile = "small"
"#;
