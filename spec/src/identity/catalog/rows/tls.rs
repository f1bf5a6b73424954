//! TLS keys that a package makes at installation.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::Renewer;

pub(super) const ITEMS: &[Item] = &[Item::new("snakeoil-key", "snake-oil TLS key", &[93])
    .at(&["/etc/ssl/private/ssl-cert-snakeoil.key", "/etc/ssl/certs/ssl-cert-snakeoil.pem"])
    .collides(1, "one TLS private key for every guest, used by Postfix, Dovecot and PostgreSQL")
    .unique_file()
    .by(Renewer::Firstboot)];
