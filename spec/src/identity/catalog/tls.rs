//! TLS keys that a package makes at installation.

use super::{GuestRule, Harm, ImageRule, Item, Reading, Renewer};

pub(super) const ITEMS: &[Item] = &[Item {
    id: "snakeoil-key",
    title: "snake-oil TLS key",
    places: &["/etc/ssl/private/ssl-cert-snakeoil.key", "/etc/ssl/certs/ssl-cert-snakeoil.pem"],
    harm: Harm::Collides,
    because: "one TLS private key for every guest, used by Postfix, Dovecot and PostgreSQL",
    severity: 1,
    in_image: ImageRule::Absent,
    in_guest: GuestRule::MayExist,
    unique: true,
    reading: Reading::ContentDigest,
    renewed_by: Renewer::Firstboot,
    rows: &[93],
}];
