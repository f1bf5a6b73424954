//! How fast a NIC may be.

use crate::error::Die;
use crate::exec::Program;

/// Bytes that may pass at once.
const BURST: &str = "1048576b";

/// Limits a link to `rate` MiB a second in each direction; without one it is let free.
pub(super) fn limit(link: &str, rate: Option<&str>) -> Result<(), Die> {
    for discipline in ["root", "ingress"] {
        // There is none on a fresh link.
        let _ = tc(&["qdisc", "del", "dev", link, discipline]).output();
    }
    let Some(rate) = rate.and_then(per_second) else { return Ok(()) };
    tc(&["qdisc", "add", "dev", link, "root", "handle", "1:", "htb", "default", "1"]).read()?;
    let class = ["class", "add", "dev", link, "parent", "1:", "classid", "1:1", "htb", "rate", &rate, "burst", BURST];
    tc(&class).read()?;
    tc(&["qdisc", "add", "dev", link, "handle", "ffff:", "ingress"]).read()?;
    let police = ["police", "rate", &rate, "burst", BURST, "mtu", "64kb", "drop", "flowid", ":1"];
    let filter = tc(&["filter", "add", "dev", link, "parent", "ffff:", "prio", "50", "basic"]).args(police);
    // A kernel without classifiers limits what the guest receives only.
    let _ = filter.output();
    Ok(())
}

fn tc(args: &[&str]) -> Program {
    Program::new("tc").args(args)
}

/// MiB → bytes as tc writes them; none for what limits nothing.
fn per_second(rate: &str) -> Option<String> {
    let bytes = format!("{rate}M").parse::<spec::pct::DiskSize>().ok()?.bytes();
    (bytes > 0).then(|| format!("{bytes}bps"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_mebibytes_a_second() {
        assert_eq!(per_second("0.5").as_deref(), Some("524288bps"));
        assert_eq!((per_second("0"), per_second("x")), (None, None));
    }
}
