//! Root's authorized keys.

use crate::error::Die;
use crate::setup::marked::{Fresh, place};
use crate::setup::rooted::Root;

/// Puts keys into the file in root's home directory.
pub(in crate::setup) fn write(tree: &Root, keys: &str) -> Result<(), Die> {
    let passwd = tree.read("/etc/passwd")?;
    let home = passwd.as_deref().map_or_else(|| "/root/".to_owned(), |text| home_of_root(text).to_owned());
    if !tree.is_directory(&home) && !tree.is_link(&home) {
        return Err(Die::text(format!("home directory '{home}' of root does not exist!")));
    }
    let directory = format!("{home}/.ssh");
    if !tree.is_directory(&directory) {
        tree.make_directory_with_mode(&directory, 0o700)?;
    }
    place(tree, &format!("{directory}/authorized_keys"), keys, Fresh::Behind, 0o700, false)
}

fn home_of_root(passwd: &str) -> &str {
    let root = passwd.lines().find(|line| line.starts_with("root:"));
    root.and_then(|line| line.split(':').nth(5)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::home_of_root;

    #[test]
    fn home_is_what_passwd_says() {
        assert_eq!(home_of_root("daemon:*:1:1::/:/x\nroot:x:0:0:root:/roothome:/bin/sh\n"), "/roothome");
    }
}
