//! SSH host keys: made on the node, written into the tree.

use crate::error::Die;
use crate::exec::Program;
use crate::setup::detect::Ostype;
use crate::setup::guest::Guest;

/// A key, ready to be written.
struct Key {
    file: String,
    secret: String,
    public: String,
}

/// Replaces the keys of a guest that has a place for them.
pub(in crate::setup) fn renew(guest: &Guest<'_>) -> Result<(), Die> {
    if guest.system.ostype == Ostype::Unmanaged || !guest.tree.is_directory("/etc/ssh") {
        return Ok(());
    }
    let scratch = guest.scratch.join(format!("keys-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).map_err(Die::io("create", &scratch))?;
    let made: Result<Vec<Key>, Die> =
        ["rsa", "ecdsa", "ed25519"].iter().map(|kind| key(guest, kind, &scratch)).collect();
    let _ = std::fs::remove_dir_all(&scratch);
    made?.iter().try_for_each(|key| {
        guest.tree.write_with_mode(&format!("/etc/ssh/{}", key.file), &key.secret, 0o600)?;
        guest.tree.write(&format!("/etc/ssh/{}.pub", key.file), &key.public)
    })
}

fn key(guest: &Guest<'_>, kind: &str, scratch: &std::path::Path) -> Result<Key, Die> {
    let file = format!("ssh_host_{kind}_key");
    guest.say.line(&format!("Creating SSH host key '{file}' - this may take some time ..."));
    let path = scratch.join(&file);
    let comment = format!("root@{}", guest.short_name());
    let keygen = || Program::new("ssh-keygen");
    keygen().args(["-q", "-t", kind, "-N", "", "-C", &comment]).arg("-f").arg(&path).read()?;
    let shown = keygen().args(["-l", "-E", "sha256", "-f"]).arg(&path).read()?;
    guest.say.line(&format!("done: {} {comment}", shown.split(' ').nth(1).unwrap_or_default()));
    let read = |path: &std::path::Path| std::fs::read_to_string(path).map_err(Die::io("read", path));
    Ok(Key { file, secret: read(&path)?, public: read(&path.with_extension("pub"))? })
}
