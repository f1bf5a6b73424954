//! The recipe of goldens that a story builds for itself.

/// A small recipe; the lab's bridge and key take the place of these with `--set` when it is built.
pub(crate) fn small_recipe(name: &str, more: &str) -> String {
    e2e::small_recipe(name, "vmbr0", "replaced-by---set.pub", more)
}
