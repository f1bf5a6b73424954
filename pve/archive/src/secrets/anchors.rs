//! The words that stand in or before a secret, and who looks closer at each.

use super::{keys, tokens, values};

/// Looks at the bytes around an anchor: where in them it begins. Says what secret stands there.
pub(super) type Look = fn(&[u8], usize) -> Option<&'static str>;

/// An anchor and its look.
pub(super) type Anchor = (&'static str, Look);

/// In files of every kind.
pub(super) const ANYWHERE: &[Anchor] = &[
    ("PRIVATE KEY-----", keys::pem),
    ("PGP PRIVATE KEY BLOCK", keys::pgp),
    ("SSH2 ENCRYPTED PRIVATE KEY", keys::ssh_com),
    ("PuTTY-User-Key-File-", keys::putty),
    ("AGE-SECRET-KEY-", keys::age),
    ("\"kty\"", keys::jwk),
    ("AKIA", tokens::aws),
    ("ASIA", tokens::aws),
    ("ghp_", tokens::github),
    ("gho_", tokens::github),
    ("ghu_", tokens::github),
    ("ghs_", tokens::github),
    ("ghr_", tokens::github),
    ("github_pat_", tokens::github_fine),
    ("glpat-", tokens::gitlab),
    ("xoxb-", tokens::slack),
    ("xoxp-", tokens::slack),
    ("xoxa-", tokens::slack),
    ("xoxs-", tokens::slack),
    ("hooks.slack.com/services/", tokens::slack_hook),
    ("sk_live_", tokens::stripe),
    ("rk_live_", tokens::stripe),
    ("AIza", tokens::google),
    ("npm_", tokens::npm),
    ("pypi-AgEIcHlwaS5vcmc", tokens::pypi),
    ("\"auths\"", tokens::docker),
    ("eyJhbGciOi", tokens::jwt),
    ("eyJ0eXAiOi", tokens::jwt),
    ("eyJraWQiOi", tokens::jwt),
    ("APIToken=", tokens::proxmox),
    ("tskey-", tokens::tailscale),
    ("hvs.", tokens::vault),
    ("hvb.", tokens::vault),
    ("dop_v1_", tokens::digitalocean),
    ("AccountKey=", tokens::azure),
    ("SG.", tokens::sendgrid),
    ("://", values::address),
];

/// In text files only: names of what is assigned, without their first letters, which may be of either case.
pub(super) const IN_TEXT: &[Anchor] = &[
    ("assw", values::assignment),
    ("ASSW", values::assignment),
    ("assphrase", values::assignment),
    ("ASSPHRASE", values::assignment),
    ("ecret", values::assignment),
    ("ECRET", values::assignment),
    ("oken", values::assignment),
    ("OKEN", values::assignment),
    ("pikey", values::assignment),
    ("piKey", values::assignment),
    ("piKEY", values::assignment),
    ("PIKEY", values::assignment),
    ("pi_key", values::assignment),
    ("pi-key", values::assignment),
    ("PI_KEY", values::assignment),
    ("ccess_key", values::assignment),
    ("ccess-key", values::assignment),
    ("ccessKey", values::assignment),
    ("CCESS_KEY", values::assignment),
    ("rivate_key", values::assignment),
    ("RIVATE_KEY", values::assignment),
    ("uth_key", values::assignment),
    ("UTH_KEY", values::assignment),
    ("redential", values::assignment),
    ("REDENTIAL", values::assignment),
];
