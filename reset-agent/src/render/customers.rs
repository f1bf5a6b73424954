//! Registered customers as a table.

use super::table::table;
use crate::verbs::customers::Registered;

/// Registered customers: names and counts, never a secret.
pub fn customers(customers: &[Registered]) -> String {
    let mut table = table(["customer", "status", "hostname", "secrets", "delivered", "vmid", "golden", "since"]);
    for Registered { customer, guest } in customers {
        let delivered = customer.delivered.as_ref().map(|told| format!("{}, {}", told.secrets, told.at));
        table.add_row([
            customer.registration.customer.to_string(),
            customer.status.to_string(),
            customer.registration.hostname.to_string(),
            customer.registration.secrets.to_string(),
            delivered.unwrap_or_default(),
            guest.as_ref().map(|guest| guest.vmid.to_string()).unwrap_or_default(),
            guest.as_ref().map(|guest| guest.golden.clone()).unwrap_or_default(),
            customer.registered_at.clone(),
        ]);
    }
    table.to_string()
}
