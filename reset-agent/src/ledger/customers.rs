//! Customers whose guests get secrets: which collection is whose, and which guest it was delivered to.

use std::fmt;

use serde::{Deserialize, Serialize};
use spec::ids::{CustomerId, Hostname, NodeName, Vmid};

use super::error::{LedgerError, storage};
use super::guest::{GuestId, GuestState};
use super::lookup::Ledger;
use super::rows::{self, Tx};
use crate::customers::SecretsRef;
use crate::store::now;

/// What a customer is registered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// Whom it is about.
    pub customer: CustomerId,
    /// The hostname of the customer's guest.
    pub hostname: Hostname,
    /// Where the customer's secrets lie.
    pub secrets: SecretsRef,
}

/// A registered customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Customer {
    /// What was registered.
    #[serde(flatten)]
    pub registration: Registration,
    /// Whether the secrets are where they belong.
    pub status: CustomerStatus,
    /// The guest that the registration is bound to.
    pub binding: Option<Binding>,
    /// The last delivery to that guest.
    pub delivered: Option<Delivered>,
    /// When it was registered, RFC 3339.
    pub registered_at: String,
    /// When its row last changed, RFC 3339.
    pub updated_at: String,
}

/// The guest that a registration is bound to, as it was then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// Its number in the ledger.
    pub guest: GuestId,
    /// Its number on the cluster.
    pub vmid: Vmid,
    /// Its node.
    pub node: NodeName,
    /// The volume id of its root disk.
    pub rootfs: String,
}

/// A delivery: how much and when, never what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivered {
    /// How many secrets.
    pub secrets: u64,
    /// When, RFC 3339.
    pub at: String,
}

/// How a customer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CustomerStatus {
    /// Registered; the secrets are not (or no more) in a verified guest.
    Provisioned,
    /// A verified guest has the secrets.
    Active,
}

impl CustomerStatus {
    /// The word in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            Self::Provisioned => "provisioned",
            Self::Active => "active",
        }
    }
}

impl fmt::Display for CustomerStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

const ONE: &str = "SELECT customer, hostname, secrets, status, guest, vmid, node, rootfs, delivered, delivered_at,
                   registered_at, updated_at FROM customers WHERE customer = $1";
const ALL: &str = "SELECT customer, hostname, secrets, status, guest, vmid, node, rootfs, delivered, delivered_at,
                   registered_at, updated_at FROM customers ORDER BY customer";

type Row = (
    String,
    String,
    String,
    String,
    Option<i64>,
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<String>,
    String,
    String,
);

impl Ledger {
    /// Registers a customer. The same again changes nothing.
    ///
    /// # Errors
    /// [`LedgerError::CustomerDiffers`] if it is registered otherwise; [`LedgerError::CustomerClash`] if another
    /// customer has the hostname or the collection.
    pub async fn register_customer(&self, ask: &Registration) -> Result<Customer, LedgerError> {
        let failed = storage("register a customer");
        let mut tx = self.write(failed).await?;
        if let Some(known) = find(&mut tx, &ask.customer).await? {
            return must_equal(known, ask);
        }
        must_be_free(&mut tx, ask).await?;
        sqlx::query(
            "INSERT INTO customers (customer, hostname, secrets, status, registered_at, updated_at)
             VALUES ($1, $2, $3, 'provisioned', $4, $4)",
        )
        .bind(ask.customer.to_string())
        .bind(ask.hostname.to_string())
        .bind(ask.secrets.to_string())
        .bind(now())
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        let customer = known(&mut tx, &ask.customer).await?;
        tx.commit().await.map_err(failed)?;
        Ok(customer)
    }

    /// A registered customer.
    ///
    /// # Errors
    /// [`LedgerError::Storage`], [`LedgerError::BadRow`].
    pub async fn customer(&self, customer: &CustomerId) -> Result<Option<Customer>, LedgerError> {
        let row: Option<Row> = sqlx::query_as(ONE)
            .bind(customer.to_string())
            .fetch_optional(&self.pool)
            .await
            .map_err(storage("look for a customer"))?;
        row.map(read).transpose()
    }

    /// All registered customers, by name.
    ///
    /// # Errors
    /// [`LedgerError::Storage`], [`LedgerError::BadRow`].
    pub async fn customers(&self) -> Result<Vec<Customer>, LedgerError> {
        let rows: Vec<Row> = sqlx::query_as(ALL).fetch_all(&self.pool).await.map_err(storage("list the customers"))?;
        rows.into_iter().map(read).collect()
    }

    /// Binds a registration to the customer's guest, before anything is delivered. The status falls back: what was
    /// delivered before says nothing about this delivery.
    ///
    /// # Errors
    /// [`LedgerError::UnknownCustomer`]; [`LedgerError::CustomerBound`] if it is bound to another guest.
    pub async fn bind_customer(&self, customer: &CustomerId, binding: &Binding) -> Result<Customer, LedgerError> {
        let failed = storage("bind a customer to a guest");
        let mut tx = self.write(failed).await?;
        let before = known(&mut tx, customer).await?;
        if let Some(other) = before.binding.filter(|bound| bound != binding) {
            return Err(LedgerError::CustomerBound { customer: customer.clone(), vmid: other.vmid });
        }
        sqlx::query(
            "UPDATE customers SET guest = $1, vmid = $2, node = $3, rootfs = $4, status = 'provisioned',
             updated_at = $5 WHERE customer = $6",
        )
        .bind(binding.guest.0)
        .bind(i64::from(binding.vmid.get()))
        .bind(binding.node.to_string())
        .bind(&binding.rootfs)
        .bind(now())
        .bind(customer.to_string())
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        let customer = known(&mut tx, customer).await?;
        tx.commit().await.map_err(failed)?;
        Ok(customer)
    }

    /// The secrets are in the guest that the registration is bound to: the customer is active.
    ///
    /// # Errors
    /// [`LedgerError::GuestNotActive`] if that guest is none that was verified (or is gone): the status stays.
    pub async fn activate_customer(&self, customer: &CustomerId, secrets: u64) -> Result<Customer, LedgerError> {
        let failed = storage("make a customer active");
        let mut tx = self.write(failed).await?;
        let before = known(&mut tx, customer).await?;
        let refused = |state| LedgerError::GuestNotActive { customer: customer.clone(), state };
        let binding = before.binding.ok_or_else(|| refused(None))?;
        let guest = rows::find(&mut tx, binding.guest).await?;
        if guest.state != GuestState::Active {
            return Err(refused(Some(guest.state)));
        }
        sqlx::query(
            "UPDATE customers SET status = 'active', delivered = $1, delivered_at = $2, updated_at = $2
             WHERE customer = $3",
        )
        .bind(i64::try_from(secrets).unwrap_or(i64::MAX))
        .bind(now())
        .bind(customer.to_string())
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        let customer = known(&mut tx, customer).await?;
        tx.commit().await.map_err(failed)?;
        Ok(customer)
    }

    /// The secrets were taken out of a guest that stays: its customer's registration is bound to none.
    ///
    /// # Errors
    /// [`LedgerError::Storage`].
    pub async fn unbind_customer(&self, guest: GuestId) -> Result<(), LedgerError> {
        let failed = storage("unbind a customer from a guest");
        let mut tx = self.write(failed).await?;
        unbind(&mut tx, guest).await?;
        tx.commit().await.map_err(failed)
    }

    /// Forgets a registration. None that was not there is no error.
    ///
    /// # Errors
    /// [`LedgerError::CustomerBound`] while a guest has the secrets: that goes first.
    pub async fn forget_customer(&self, customer: &CustomerId) -> Result<(), LedgerError> {
        let failed = storage("delete a customer");
        let mut tx = self.write(failed).await?;
        if let Some(bound) = find(&mut tx, customer).await?.and_then(|known| known.binding) {
            return Err(LedgerError::CustomerBound { customer: customer.clone(), vmid: bound.vmid });
        }
        sqlx::query("DELETE FROM customers WHERE customer = $1")
            .bind(customer.to_string())
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        tx.commit().await.map_err(failed)
    }
}

/// A guest that is gone lets its customer's registration go: its secrets went with it.
pub(super) async fn unbind(tx: &mut Tx, guest: GuestId) -> Result<(), LedgerError> {
    sqlx::query(
        "UPDATE customers SET guest = NULL, vmid = NULL, node = NULL, rootfs = NULL, delivered = NULL,
         delivered_at = NULL, status = 'provisioned', updated_at = $1 WHERE guest = $2",
    )
    .bind(now())
    .bind(guest.0)
    .execute(&mut **tx)
    .await
    .map_err(storage("unbind a customer from a guest"))?;
    Ok(())
}

async fn find(tx: &mut Tx, customer: &CustomerId) -> Result<Option<Customer>, LedgerError> {
    let row: Option<Row> = sqlx::query_as(ONE)
        .bind(customer.to_string())
        .fetch_optional(&mut **tx)
        .await
        .map_err(storage("look for a customer"))?;
    row.map(read).transpose()
}

async fn known(tx: &mut Tx, customer: &CustomerId) -> Result<Customer, LedgerError> {
    find(tx, customer).await?.ok_or_else(|| LedgerError::UnknownCustomer(customer.clone()))
}

fn must_equal(known: Customer, ask: &Registration) -> Result<Customer, LedgerError> {
    let stored = &known.registration;
    let differs = |what, stored: &dyn fmt::Display, asked: &dyn fmt::Display| LedgerError::CustomerDiffers {
        customer: ask.customer.clone(),
        what,
        stored: stored.to_string(),
        asked: asked.to_string(),
    };
    if stored.hostname != ask.hostname {
        return Err(differs("hostname", &stored.hostname, &ask.hostname));
    }
    if stored.secrets != ask.secrets {
        return Err(differs("secrets", &stored.secrets, &ask.secrets));
    }
    Ok(known)
}

async fn must_be_free(tx: &mut Tx, ask: &Registration) -> Result<(), LedgerError> {
    let holder: Option<(String, String)> =
        sqlx::query_as("SELECT customer, hostname FROM customers WHERE hostname = $1 OR secrets = $2 LIMIT 1")
            .bind(ask.hostname.to_string())
            .bind(ask.secrets.to_string())
            .fetch_optional(&mut **tx)
            .await
            .map_err(storage("look for a customer's names"))?;
    let Some((holder, hostname)) = holder else { return Ok(()) };
    let same_name = hostname == ask.hostname.to_string();
    let what = if same_name { format!("hostname {}", ask.hostname) } else { format!("secrets {}", ask.secrets) };
    Err(LedgerError::CustomerClash { what, holder })
}

fn read(row: Row) -> Result<Customer, LedgerError> {
    let (customer, hostname, secrets, status, guest, vmid, node, rootfs, delivered, delivered_at, since, updated) = row;
    let what = format!("customer {customer}");
    let registration = Registration {
        customer: parsed(&what, &customer)?,
        hostname: parsed(&what, &hostname)?,
        secrets: parsed(&what, &secrets)?,
    };
    let binding = match (guest, vmid, node, rootfs) {
        (Some(guest), Some(vmid), Some(node), Some(rootfs)) => Some(Binding {
            guest: GuestId(guest),
            vmid: parsed(&what, &vmid.to_string())?,
            node: parsed(&what, &node)?,
            rootfs,
        }),
        _ => None,
    };
    let count = delivered.and_then(|count| u64::try_from(count).ok());
    let delivered = count.zip(delivered_at).map(|(secrets, at)| Delivered { secrets, at });
    let status = if status == "active" { CustomerStatus::Active } else { CustomerStatus::Provisioned };
    Ok(Customer { registration, status, binding, delivered, registered_at: since, updated_at: updated })
}

fn parsed<T: std::str::FromStr<Err: fmt::Display>>(what: &str, text: &str) -> Result<T, LedgerError> {
    text.parse().map_err(|error: T::Err| LedgerError::BadRow { what: what.to_owned(), why: error.to_string() })
}
