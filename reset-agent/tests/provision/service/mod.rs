//! The service over the pretending node: what callers see, and what happens behind their backs.

mod answers;
mod bench;
mod http;
mod keys;
mod stops;
mod tenants;
mod tls;
