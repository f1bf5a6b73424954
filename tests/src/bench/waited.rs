//! What an agent waited for while it worked: spans of time, told by its own trace.
//!
//! With `MINTMARK_LOG=debug` it writes a line when the node or the helper has answered, with how long that took: the
//! span ends with the line's timestamp.

use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use jiff::Timestamp;

/// From when until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: SystemTime,
    pub(super) to: SystemTime,
}

/// Whose answer was waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Node,
    Helper,
}

/// The answers in a trace.
pub(super) fn answers(trace: &str) -> Result<Vec<(Whose, Span)>> {
    let spans = trace.lines().filter_map(|line| {
        let whose = match line {
            _ if line.contains(" pve_client::transport::trace: ") => Whose::Node,
            _ if line.contains(" asked the helper ") => Whose::Helper,
            _ => return None,
        };
        Some(span(line).map(|span| (whose, span)).with_context(|| format!("the line {line:?}")))
    });
    spans.collect()
}

fn span(line: &str) -> Result<Span> {
    let stamp = line.split_whitespace().next().context("no timestamp")?;
    let to = SystemTime::from(stamp.parse::<Timestamp>().with_context(|| format!("the timestamp {stamp:?}"))?);
    let took = line.split_whitespace().find_map(|word| word.strip_prefix("ms=")).context("no ms=")?;
    Ok(Span { from: to - Duration::from_millis(took.parse()?), to })
}

/// How much of `whole` is covered by any of the spans.
pub(super) fn covered(whole: Span, spans: impl IntoIterator<Item = Span>) -> Duration {
    let clipped = spans.into_iter().map(|span| Span { from: span.from.max(whole.from), to: span.to.min(whole.to) });
    let mut spans: Vec<Span> = clipped.filter(|span| span.from < span.to).collect();
    spans.sort_by_key(|span| span.from);
    let (mut sum, mut until) = (Duration::ZERO, whole.from);
    for span in spans {
        sum += span.to.duration_since(span.from.max(until)).unwrap_or_default();
        until = until.max(span.to);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(ms)
    }

    fn span(from: u64, to: u64) -> Span {
        Span { from: at(from), to: at(to) }
    }

    #[test]
    fn what_overlaps_counts_once_and_what_lies_outside_not_at_all() {
        let whole = span(100, 200);
        assert_eq!(covered(whole, []), Duration::ZERO);
        assert_eq!(covered(whole, [span(110, 130), span(120, 140), span(150, 160)]), Duration::from_millis(40));
        assert_eq!(covered(whole, [span(0, 110), span(190, 300), span(300, 400)]), Duration::from_millis(20));
        assert_eq!(covered(whole, [span(0, 400), span(120, 130)]), Duration::from_millis(100));
    }

    #[test]
    fn a_trace_is_read() {
        let trace = "2000-02-29T23:59:59.250000Z DEBUG pve_client::transport::trace: answered run=\"-\" status=200 ms=50 bytes=2\n\
            2000-03-01T00:00:00.000000Z DEBUG reset_agent::guest::helper::ask: asked the helper vmid=101 verb=\"observe\" ms=100\n\
            2000-03-01T00:00:01.000000Z DEBUG reset_agent::steps: waiting for the guest\n";
        let read = answers(trace).unwrap();
        let leap = 951_868_799_250;
        assert_eq!(read, [(Whose::Node, span(leap - 50, leap)), (Whose::Helper, span(leap + 650, leap + 750))]);
        assert!(answers("yesterday DEBUG pve_client::transport::trace: answered ms=5").is_err());
    }
}
