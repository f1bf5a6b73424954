//! Counters and states as OpenMetrics text.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

use super::api::Api;
use super::problem::Problem;
use crate::ledger::{GuestCount, RunCount};

/// What OpenMetrics 1.0 calls itself.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What was asked, and how it was answered, since the service began.
#[derive(Debug, Default)]
pub struct Counters(Mutex<BTreeMap<Asked, Answered>>);

/// A kind of request: its method, its route as the document has it, its answer's status.
type Asked = (String, String, u16);

#[derive(Debug, Clone, Copy, Default)]
struct Answered {
    count: u64,
    seconds: f64,
}

impl Counters {
    /// Counts an answer.
    pub(super) fn count(&self, method: &str, route: &str, status: u16, seconds: f64) {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answered = asked.entry((method.to_owned(), route.to_owned(), status)).or_default();
        answered.count += 1;
        answered.seconds += seconds;
    }
}

/// All metrics.
pub(super) async fn text(api: &Api) -> Result<String, Problem> {
    let ledger = &api.agent.context.ledger;
    let guests = ledger.count_guests().await.map_err(|error| Problem::broken(&error))?;
    let runs = ledger.count_runs().await.map_err(|error| Problem::broken(&error))?;
    let asked = api.counters.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok(render(&asked, &guests, &runs, api.runs.count()))
}

fn render(asked: &BTreeMap<Asked, Answered>, guests: &[GuestCount], runs: &[RunCount], working: usize) -> String {
    let mut text = String::new();
    family(&mut text, "mintmark_http_requests", "summary", "Requests and the time to answer them.");
    for ((method, route, status), answered) in asked {
        let labels = format!("method=\"{method}\",route=\"{}\",status=\"{status}\"", escaped(route));
        line(&mut text, "mintmark_http_requests_count", &labels, answered.count);
        line(&mut text, "mintmark_http_requests_sum", &labels, answered.seconds);
    }
    family(&mut text, "mintmark_guests", "gauge", "Guests in the ledger by state.");
    for guest in guests {
        line(&mut text, "mintmark_guests", &format!("state=\"{}\"", escaped(&guest.state)), guest.count);
    }
    family(&mut text, "mintmark_runs", "gauge", "Runs in the journal by plan and outcome.");
    for run in runs {
        let labels = format!("plan=\"{}\",outcome=\"{}\"", escaped(&run.plan), escaped(&run.outcome));
        line(&mut text, "mintmark_runs", &labels, run.count);
    }
    family(
        &mut text,
        "mintmark_runs_working",
        "gauge",
        "Runs that this process carries out, or that wait for their turn.",
    );
    let _ = writeln!(text, "mintmark_runs_working {working}");
    text.push_str("# EOF\n");
    text
}

// Writing to a text cannot fail.
fn family(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# TYPE {name} {kind}\n# HELP {name} {help}");
}

fn line(text: &mut String, name: &str, labels: &str, value: impl std::fmt::Display) {
    let _ = writeln!(text, "{name}{{{labels}}} {value}");
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_openmetrics() {
        let counters = Counters::default();
        counters.count("GET", "/v1/guests/{guest}", 200, 0.25);
        counters.count("GET", "/v1/guests/{guest}", 200, 0.5);
        let guests = [GuestCount { state: "active".into(), count: 3 }];
        let runs = [RunCount { plan: "pro\"v".into(), outcome: "done".into(), count: 2 }];
        let text = render(&counters.0.lock().unwrap(), &guests, &runs, 1);
        let expected = "# TYPE mintmark_http_requests summary\n# HELP mintmark_http_requests Requests and the time to answer them.\n\
            mintmark_http_requests_count{method=\"GET\",route=\"/v1/guests/{guest}\",status=\"200\"} 2\n\
            mintmark_http_requests_sum{method=\"GET\",route=\"/v1/guests/{guest}\",status=\"200\"} 0.75\n";
        assert!(text.starts_with(expected), "{text}");
        assert!(text.contains("mintmark_guests{state=\"active\"} 3\n") && text.contains("plan=\"pro\\\"v\""), "{text}");
        assert!(text.ends_with("mintmark_runs_working 1\n# EOF\n"), "{text}");
    }
}
