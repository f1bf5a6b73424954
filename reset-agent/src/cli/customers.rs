//! `customers`: who is registered with which secrets.

use clap::Subcommand;
use spec::ids::{CustomerId, Hostname};

use crate::customers::SecretsRef;

/// `customers`
#[derive(Debug, Subcommand)]
pub enum Customers {
    /// Register a customer, so that its verified guest gets secrets; the same again changes nothing.
    Register {
        /// The customer.
        #[arg(long, value_name = "ID")]
        customer: CustomerId,
        /// Where its secrets lie: age:NAME, sops:NAME or bitwarden:COLLECTION.
        #[arg(long, value_name = "SOURCE:NAME")]
        secrets: SecretsRef,
        /// The hostname of its guest; the customer's id where it is one.
        #[arg(long, value_name = "NAME")]
        hostname: Option<Hostname>,
    },
    /// The registered customers.
    List,
    /// One of them.
    Show {
        /// The customer.
        customer: CustomerId,
    },
    /// Deliver a customer's secrets to its verified guest, again or for the first time.
    Deliver {
        /// The customer.
        customer: CustomerId,
    },
    /// Secrets, guest and registration gone, in this order; harmless when repeated.
    Delete {
        /// The customer.
        customer: CustomerId,
        /// Leave the guest; only its secrets are taken out of it.
        #[arg(long)]
        keep_guest: bool,
    },
}
