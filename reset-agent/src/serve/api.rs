//! What every request may use.

use std::ops::Deref;
use std::sync::Arc;

use super::metrics::Counters;
use super::rate::RateLimits;
use super::runs::Runs;
use crate::agent::Agent;
use crate::config::ServeSettings;

/// What every request may use. Clones are the same.
#[derive(Clone)]
pub struct Api(Arc<Parts>);

/// Its parts.
pub struct Parts {
    /// The agent that does the work.
    pub agent: Arc<Agent>,
    /// How much of it is served.
    pub settings: ServeSettings,
    /// The runs that it carries out.
    pub runs: Arc<Runs>,
    /// How often each caller may ask.
    pub limits: RateLimits,
    /// What was asked, and how it was answered.
    pub counters: Counters,
}

impl Api {
    /// The API of an agent.
    pub fn new(agent: Agent, settings: ServeSettings) -> Self {
        let agent = Arc::new(agent);
        Self(Arc::new(Parts {
            runs: Runs::new(Arc::clone(&agent), settings.runs_at_once),
            limits: RateLimits::new(settings.requests_per_second),
            counters: Counters::default(),
            agent,
            settings,
        }))
    }
}

impl Deref for Api {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
