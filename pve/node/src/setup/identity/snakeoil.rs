//! The certificate that Debian's ssl-cert makes when it is installed: in a template everybody has its key.

use crate::error::Die;
use crate::setup::detect::Ostype;
use crate::setup::guest::Guest;
use crate::setup::init::systemd;

const KEY: &str = "/etc/ssl/private/ssl-cert-snakeoil.key";
const UNIT: &str = "proxmox-regenerate-snakeoil.service";

/// What makes the certificate anew at the first boot.
const UNIT_TEXT: &str = "[Unit]
Description=\"Regenerate pre-generated snakeoil certificate and key-pair once\"
ConditionPathExists=/etc/ssl/certs/ssl-cert-snakeoil.pem
ConditionFirstBoot=yes
Wants=first-boot-complete.target
Before=first-boot-complete.target

[Service]
Type=oneshot
ExecStart=make-ssl-cert -f generate-default-snakeoil
";

/// Removes the key, and has it made anew where systemd can see to it.
pub(in crate::setup) fn arrange(guest: &Guest<'_>) -> Result<(), Die> {
    let tree = &guest.tree;
    let concerned = matches!(guest.system.ostype, Ostype::Debian | Ostype::Devuan | Ostype::Ubuntu);
    if !concerned || !tree.is_file(KEY) {
        return Ok(());
    }
    if systemd::is_init(tree) {
        guest.say.line(&format!("Setting up '{UNIT}' to regenerate snakeoil certificate.."));
        let path = format!("/etc/systemd/system/{UNIT}");
        let wants = "/etc/systemd/system/first-boot-complete.target.wants";
        tree.write(&path, UNIT_TEXT)?;
        tree.make_directory(wants)?;
        tree.link_if_free(&path, &format!("{wants}/{UNIT}"))?;
    } else {
        guest.say.line("Template contains pre-generated snakeoil certificate!");
        guest.say.line("Run `make-ssl-cert generate-default-snakeoil -f` to regenerate it!");
    }
    // Nobody shall use it by mistake, should the making fail.
    tree.remove(KEY)
}
