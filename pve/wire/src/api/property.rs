//! Property strings of storages and backups; those of guests are `spec`'s.

use spec::pct::{PropertyFormat, PropertyKey as Key, PropertyKind as Kind};

const COUNT: Kind = Kind::Integer { min: 0, max: i64::MAX };

/// How many backups are kept.
pub(super) static PRUNE_BACKUPS: PropertyFormat = PropertyFormat {
    default_key: None,
    keys: &[
        Key::optional("keep-all", Kind::Boolean),
        Key::optional("keep-daily", COUNT),
        Key::optional("keep-hourly", COUNT),
        Key::optional("keep-last", COUNT),
        Key::optional("keep-monthly", COUNT),
        Key::optional("keep-weekly", COUNT),
        Key::optional("keep-yearly", COUNT),
    ],
};

/// Where a virtual machine's backup keeps what was overwritten meanwhile; containers have no use for it.
pub(super) static FLEECING: PropertyFormat = PropertyFormat {
    default_key: Some("enabled"),
    keys: &[Key::optional("enabled", Kind::Boolean), Key::optional("storage", Kind::Format(storage_id))],
};

/// How hard a backup works.
pub(super) static PERFORMANCE: PropertyFormat = PropertyFormat {
    default_key: None,
    keys: &[
        Key::optional("max-workers", Kind::Integer { min: 1, max: 256 }),
        Key::optional("pbs-entries-max", Kind::Integer { min: 1, max: i64::MAX }),
    ],
};

/// A storage's limits, KiB/s.
pub(super) static BANDWIDTH_LIMITS: PropertyFormat = PropertyFormat {
    default_key: None,
    keys: &[
        Key::optional("clone", Kind::Number),
        Key::optional("default", Kind::Number),
        Key::optional("migration", Kind::Number),
        Key::optional("move", Kind::Number),
        Key::optional("restore", Kind::Number),
    ],
};

fn storage_id(value: &str) -> Result<(), String> {
    let valid = value.parse::<spec::ids::StorageId>().is_ok();
    if valid { Ok(()) } else { Err(format!("storage ID '{value}' contains illegal characters")) }
}
