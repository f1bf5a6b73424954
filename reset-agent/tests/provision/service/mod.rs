//! The service over the pretending node: what callers see, and what happens behind their backs.

mod answers;
mod bench;
mod destroying;
mod http;
mod keys;
mod page;
mod process;
mod recovering;
mod stops;
mod tenants;
mod tls;
mod unit;
