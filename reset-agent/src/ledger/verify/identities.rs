//! What of an identity's row only the program understands.

use spec::identity::{Identity, IdentityKind};
use sqlx::AnyConnection;

use super::verification::{Checked, failed};
use crate::ledger::error::LedgerError;
use crate::ledger::rows::{self, Kept, shown};
use crate::ledger::tenure::{Tenure, is_confidential};
use crate::store::FleetKey;

/// Every guest and every identity can be read, has the tenure of its kind, and tells no machine-id.
pub(super) async fn understood(conn: &mut AnyConnection) -> Result<Checked, LedgerError> {
    let guests = sqlx::query("SELECT * FROM guests ORDER BY id").fetch_all(&mut *conn).await.map_err(failed)?;
    let identities: Vec<(i64, String, String, i64)> =
        sqlx::query_as("SELECT id, kind, value, for_ever FROM identities ORDER BY id")
            .fetch_all(conn)
            .await
            .map_err(failed)?;
    let looked = i64::try_from(guests.len() + identities.len()).unwrap_or(i64::MAX);
    let unread = guests.iter().filter_map(|row| rows::guest(row).err()).map(|error| error.to_string());
    let wrong = identities.iter().filter_map(|(id, kind, value, for_ever)| {
        fault(kind, value, *for_ever == 1).map(|why| format!("identity {id}: {why}"))
    });
    Ok(Checked { check: "rows that are understood", looked, broken: unread.chain(wrong).collect() })
}

fn fault(kind: &str, value: &str, for_ever: bool) -> Option<String> {
    let kind: IdentityKind = match kind.parse() {
        Ok(kind) => kind,
        Err(error) => return Some(format!("{error}")),
    };
    if (Tenure::of(&kind) == Tenure::ForEver) != for_ever {
        let is = if for_ever { "for ever" } else { "not for ever" };
        return Some(format!("a {kind} belongs to its holder {is}, which is not the rule of its kind"));
    }
    let digest = value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_confidential(&kind) && !digest).then(|| format!("a {kind} is not kept as a keyed digest"))
}

/// No guest holds what belongs to a golden.
pub(super) async fn of_no_golden(conn: &mut AnyConnection, key: &FleetKey) -> Result<Checked, LedgerError> {
    let forbidden: Vec<(String, String, String)> =
        sqlx::query_as("SELECT name, kind, value FROM forbidden ORDER BY name, kind, value")
            .fetch_all(&mut *conn)
            .await
            .map_err(failed)?;
    let mut broken = Vec::new();
    for (name, kind, value) in &forbidden {
        let kind: IdentityKind = match kind.parse() {
            Ok(kind) => kind,
            Err(error) => {
                broken.push(format!("a value of golden {name}: {error}"));
                continue;
            }
        };
        let identity = Identity { kind, value: value.clone() };
        let kept = Kept::of(&identity, key);
        let holder: Option<i64> = sqlx::query_scalar(
            "SELECT guest FROM identities WHERE kind = $1 AND value = $2 AND retired_at IS NULL ORDER BY guest",
        )
        .bind(&kept.kind)
        .bind(&kept.value)
        .fetch_optional(&mut *conn)
        .await
        .map_err(failed)?;
        broken.extend(holder.map(|guest| format!("guest {guest} holds {} of golden {name}", shown(&identity))));
    }
    let looked = i64::try_from(forbidden.len()).unwrap_or(i64::MAX);
    Ok(Checked { check: "values of goldens that nobody holds", looked, broken })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raw_machine_id_and_a_wrong_tenure_are_faults() {
        let raw = "0123456789abcdef0123456789abcdef";
        assert!(fault("machine-id", raw, true).unwrap().contains("keyed digest"));
        assert_eq!(fault("machine-id", &raw.repeat(2), true), None);
        assert!(fault("mac", "BC:24:11:00:00:01", false).unwrap().contains("not for ever"));
        assert!(fault("hostname", "web", true).is_some());
        assert!(fault("shoe-size", "43", true).is_some());
        assert_eq!(fault("ip", "192.0.2.7", false), None);
    }
}
