//! Certificates that the host CA signed, and which of them no longer count.

use serde::Serialize;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::error::{LedgerError, storage};
use super::guest::GuestId;
use super::lookup::Ledger;
use crate::store::now;

/// A certificate of a guest's host key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostCertificate {
    /// Its number, drawn.
    pub serial: u64,
    /// `SHA256:…` of the CA that signed it.
    pub ca: String,
    /// Its name in logs.
    pub key_id: String,
    /// `SHA256:…` of the key that it certifies.
    pub host_key: String,
    /// When it ends, seconds since 1970.
    pub valid_before: u64,
}

impl Ledger {
    /// Enters the certificates that a guest is about to get. Those that it had before count no more.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn enter_host_certificates(
        &self,
        guest: GuestId,
        run: &str,
        certificates: &[HostCertificate],
    ) -> Result<(), LedgerError> {
        let failed = storage("enter host certificates");
        let mut tx = self.write(failed).await?;
        sqlx::query("UPDATE host_certificates SET replaced = 1 WHERE guest = $1")
            .bind(guest.0)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        for certificate in certificates {
            sqlx::query(
                "INSERT INTO host_certificates (serial, ca, guest, run, key_id, host_key, valid_before, issued_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(certificate.serial.to_string())
            .bind(&certificate.ca)
            .bind(guest.0)
            .bind(run)
            .bind(&certificate.key_id)
            .bind(&certificate.host_key)
            .bind(i64::try_from(certificate.valid_before).unwrap_or(i64::MAX))
            .bind(now())
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        }
        tx.commit().await.map_err(failed)
    }

    /// The certificates of a run that was undone count no more.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn withdraw_host_certificates(&self, run: &str) -> Result<(), LedgerError> {
        let failed = storage("withdraw host certificates");
        let mut tx = self.write(failed).await?;
        sqlx::query("UPDATE host_certificates SET replaced = 1 WHERE run = $1")
            .bind(run)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        tx.commit().await.map_err(failed)
    }

    /// The certificates of a CA that must not be believed although they have not ended at `moment` (seconds since
    /// 1970), oldest first: a later one took their place, or their guest is gone, quarantined, or being undone.
    ///
    /// # Errors
    /// [`LedgerError::Storage`], [`LedgerError::BadRow`].
    pub async fn revoked_host_certificates(&self, ca: &str, moment: u64) -> Result<Vec<HostCertificate>, LedgerError> {
        let rows = sqlx::query(
            "SELECT c.serial, c.ca, c.key_id, c.host_key, c.valid_before
             FROM host_certificates c JOIN guests g ON g.id = c.guest
             WHERE c.ca = $1 AND c.valid_before > $2
               AND (c.replaced = 1 OR g.state IN ('quarantined', 'failed', 'released', 'destroyed'))
             ORDER BY c.issued_at, c.serial",
        )
        .bind(ca)
        .bind(i64::try_from(moment).unwrap_or(i64::MAX))
        .fetch_all(&self.pool)
        .await
        .map_err(storage("list revoked host certificates"))?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &AnyRow) -> Result<HostCertificate, LedgerError> {
    let failed = storage("read a host certificate");
    let text = |column: &'static str| row.try_get::<String, _>(column).map_err(failed);
    let serial = text("serial")?;
    let bad = |why: String| LedgerError::BadRow { what: format!("the host certificate with serial {serial}"), why };
    let valid_before: i64 = row.try_get("valid_before").map_err(failed)?;
    Ok(HostCertificate {
        ca: text("ca")?,
        key_id: text("key_id")?,
        host_key: text("host_key")?,
        valid_before: u64::try_from(valid_before).map_err(|error| bad(format!("valid_before: {error}")))?,
        serial: serial.parse().map_err(|error| bad(format!("serial: {error}")))?,
    })
}
