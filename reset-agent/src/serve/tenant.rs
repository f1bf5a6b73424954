//! Tenants: whose customers a caller sees.

use std::fmt;
use std::str::FromStr;

use spec::ids::{CustomerId, InvalidId};

/// A tenant of the API. Its customers are those whose id in the ledger begins with `TENANT.`, so that two tenants may
/// use one id for two customers, and neither can name, or learn of, the other's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant(String);

/// A text that names no tenant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no tenant: use 1 to 20 letters, digits and -, starting with a letter or digit")]
pub struct BadTenant(String);

impl FromStr for Tenant {
    type Err = BadTenant;

    fn from_str(text: &str) -> Result<Self, BadTenant> {
        // No dot: it ends the tenant's name in a customer's id.
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let fits = plain && (1..=20).contains(&text.len()) && !text.starts_with('-');
        if fits { Ok(Self(text.to_owned())) } else { Err(BadTenant(text.to_owned())) }
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Tenant {
    /// The tenant's name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The ledger's id of one of the tenant's customers.
    ///
    /// # Errors
    /// The two together are longer than an id may be.
    pub fn customer(&self, own: &CustomerId) -> Result<CustomerId, InvalidId> {
        format!("{}.{own}", self.0).parse()
    }

    /// The tenant's own name of a customer; none: the customer is another's.
    pub fn own<'a>(&self, customer: &'a str) -> Option<&'a str> {
        customer.strip_prefix(&self.0)?.strip_prefix('.')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenants_customers_are_nobody_elses() {
        let (a, ab): (Tenant, Tenant) = ("a".parse().unwrap(), "a-b".parse().unwrap());
        let customer = a.customer(&"b.c".parse().unwrap()).unwrap();
        assert_eq!(customer.as_str(), "a.b.c");
        assert_eq!(a.own(customer.as_str()), Some("b.c"));
        assert_eq!(ab.own(customer.as_str()), None);
        assert_eq!(a.own("a-b.c"), None);
        assert_eq!(a.own("acme"), None);
        for bad in ["", "a.b", "-a", "a b", "aaaaaaaaaaaaaaaaaaaaa", "ä"] {
            assert!(bad.parse::<Tenant>().is_err(), "{bad:?}");
        }
    }
}
