//! Rows → values, and the few statements that several operations share.

use spec::identity::Identity;
use spec::ids::CustomerId;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::error::{Holder, LedgerError, storage};
use super::guest::{Guest, GuestId, GuestState};
use super::tenure::{Tenure, is_confidential};
pub(super) use crate::store::Tx;
use crate::store::{FleetKey, now};

/// An identity as it is kept.
pub(super) struct Kept {
    pub(super) kind: String,
    pub(super) value: String,
    pub(super) tenure: Tenure,
}

impl Kept {
    pub(super) fn of(identity: &Identity, key: &FleetKey) -> Self {
        let kind = identity.kind.to_string();
        let secret = is_confidential(&identity.kind);
        let value = if secret { key.digest(&kind, &identity.value) } else { identity.value.clone() };
        Self { kind, value, tenure: Tenure::of(&identity.kind) }
    }
}

/// A customer's live guest.
pub(super) async fn live_of(conn: &mut AnyConnection, customer: &CustomerId) -> Result<Option<Guest>, LedgerError> {
    let row = sqlx::query("SELECT * FROM guests WHERE customer = $1 AND state NOT IN ('released', 'destroyed')")
        .bind(customer.to_string())
        .fetch_optional(conn)
        .await
        .map_err(storage("look for a customer's guest"))?;
    row.as_ref().map(guest).transpose()
}

/// Kind and value as a person may see them.
pub(super) fn shown(identity: &Identity) -> String {
    format!("{} `{}`", identity.kind.title(), identity.shown())
}

pub(super) fn guest(row: &AnyRow) -> Result<Guest, LedgerError> {
    let id = GuestId(row.try_get("id").map_err(storage("read a guest"))?);
    Ok(Guest {
        id,
        customer: field(row, id, "customer")?,
        vmid: field(row, id, "vmid")?,
        node: field(row, id, "node")?,
        hostname: field(row, id, "hostname")?,
        golden: text(row, "golden")?,
        run: field(row, id, "run")?,
        state: state(row, id)?,
        created_at: text(row, "created_at")?,
        updated_at: text(row, "updated_at")?,
    })
}

pub(super) fn holder(row: &AnyRow) -> Result<Holder, LedgerError> {
    let guest = GuestId(row.try_get("id").map_err(storage("read a guest"))?);
    Ok(Holder {
        guest,
        customer: field(row, guest, "customer")?,
        vmid: field(row, guest, "vmid")?,
        state: state(row, guest)?,
    })
}

fn text(row: &AnyRow, column: &'static str) -> Result<String, LedgerError> {
    // VMIDs are numbers; everything else is text already.
    if column == "vmid" {
        return row.try_get::<i64, _>(column).map(|n| n.to_string()).map_err(storage("read a guest"));
    }
    row.try_get(column).map_err(storage("read a guest"))
}

fn field<T>(row: &AnyRow, id: GuestId, column: &'static str) -> Result<T, LedgerError>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    text(row, column)?
        .parse()
        .map_err(|error: T::Err| LedgerError::BadRow { what: format!("guest {id}"), why: format!("{column}: {error}") })
}

fn state(row: &AnyRow, id: GuestId) -> Result<GuestState, LedgerError> {
    let word = text(row, "state")?;
    GuestState::from_word(&word)
        .ok_or_else(|| LedgerError::BadRow { what: format!("guest {id}"), why: format!("state: unknown `{word}`") })
}

/// The guest of this number.
pub(super) async fn find(conn: &mut AnyConnection, id: GuestId) -> Result<Guest, LedgerError> {
    let row = sqlx::query("SELECT * FROM guests WHERE id = $1").bind(id.0).fetch_optional(conn).await;
    let row = row.map_err(storage("look for a guest"))?.ok_or(LedgerError::UnknownGuest(id))?;
    guest(&row)
}

/// Moves a guest to a state, if the table allows it; a guest that is gone lets its identities go.
pub(super) async fn set_state(tx: &mut Tx, guest: &Guest, to: GuestState) -> Result<(), LedgerError> {
    if !guest.state.may_become(to) {
        return Err(LedgerError::IllegalMove { guest: guest.id, from: guest.state, to });
    }
    if guest.state == to {
        return Ok(());
    }
    let failed = storage("change a guest's state");
    let time = now();
    sqlx::query("UPDATE guests SET state = $1, updated_at = $2 WHERE id = $3")
        .bind(to.word())
        .bind(&time)
        .bind(guest.id.0)
        .execute(&mut **tx)
        .await
        .map_err(failed)?;
    if !to.is_live() {
        sqlx::query("UPDATE identities SET retired_at = $1 WHERE guest = $2 AND retired_at IS NULL")
            .bind(&time)
            .bind(guest.id.0)
            .execute(&mut **tx)
            .await
            .map_err(failed)?;
        super::customers::unbind(tx, guest.id).await?;
    }
    Ok(())
}
