//! The time as the store writes it.

/// Now, as RFC 3339 in UTC, to the second. Never decides anything: order comes from sequence numbers and fences.
pub(crate) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
