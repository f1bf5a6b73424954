//! The time as the store writes it.

/// Now, as RFC 3339 in UTC. Never decides anything: order comes from sequence numbers and fences.
pub(crate) fn now() -> String {
    jiff::Timestamp::now().to_string()
}
