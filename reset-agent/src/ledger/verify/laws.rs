//! What one statement can find. Each gives its sentences itself, the same on both databases.

use sqlx::AnyConnection;

use super::verification::{Checked, failed};
use crate::ledger::error::LedgerError;

/// A law, how many rows it is about, and the statements that find who breaks it.
pub(super) struct Law {
    check: &'static str,
    rows: &'static str,
    broken: &'static [&'static str],
}

impl Law {
    pub(super) async fn check(&self, conn: &mut AnyConnection) -> Result<Checked, LedgerError> {
        let looked: i64 = sqlx::query_scalar(self.rows).fetch_one(&mut *conn).await.map_err(failed)?;
        let mut broken: Vec<String> = Vec::new();
        for sentences in self.broken {
            let found: Vec<String> = sqlx::query_scalar(*sentences).fetch_all(&mut *conn).await.map_err(failed)?;
            broken.extend(found);
        }
        Ok(Checked { check: self.check, looked, broken })
    }
}

pub(super) const LAWS: &[Law] = &[
    Law {
        check: "one live guest for each customer and VMID",
        rows: "SELECT COUNT(*) FROM guests WHERE state NOT IN ('released', 'destroyed')",
        broken: &[
            "SELECT 'customer ' || customer || ' has ' || COUNT(*) || ' live guests' FROM guests
             WHERE state NOT IN ('released', 'destroyed') GROUP BY customer HAVING COUNT(*) > 1 ORDER BY 1",
            "SELECT 'VMID ' || vmid || ' is that of ' || COUNT(*) || ' live guests' FROM guests
             WHERE state NOT IN ('released', 'destroyed') GROUP BY vmid HAVING COUNT(*) > 1 ORDER BY 1",
        ],
    },
    Law {
        check: "one holder for each value",
        rows: "SELECT COUNT(*) FROM identities",
        broken: &[
            "SELECT 'a ' || kind || ' that is unique for ever has ' || COUNT(*) || ' holders: guests ' || MIN(guest) ||
                    ' and ' || MAX(guest) FROM identities
             WHERE for_ever = 1 GROUP BY kind, value HAVING COUNT(*) > 1 ORDER BY 1",
            "SELECT 'a ' || kind || ' is held by ' || COUNT(*) || ' guests at once: ' || MIN(guest) || ' and ' ||
                    MAX(guest) FROM identities
             WHERE retired_at IS NULL GROUP BY kind, value HAVING COUNT(*) > 1 ORDER BY 1",
        ],
    },
    Law {
        check: "rows that point to rows",
        rows: "SELECT COUNT(*) FROM identities",
        broken: &[
            "SELECT 'identity ' || i.id || ' is that of guest ' || i.guest || ', which is not there' FROM identities i
             LEFT JOIN guests g ON g.id = i.guest WHERE g.id IS NULL ORDER BY i.id",
            "SELECT 'run ' || e.run || ' has records and no row' FROM events e
             LEFT JOIN runs r ON r.run = e.run WHERE r.run IS NULL GROUP BY e.run ORDER BY e.run",
            "SELECT 'the pool holds guest ' || p.guest || ', which is not there' FROM pool p
             LEFT JOIN guests g ON g.id = p.guest WHERE g.id IS NULL ORDER BY p.guest",
            "SELECT 'a warm golden is guest ' || w.guest || ', which is not there' FROM warm w
             LEFT JOIN guests g ON g.id = w.guest WHERE g.id IS NULL ORDER BY w.guest",
            "SELECT 'guest ' || b.guest || ' was rebuilt and is not there' FROM rebuilt b
             LEFT JOIN guests g ON g.id = b.guest WHERE g.id IS NULL ORDER BY b.guest",
        ],
    },
    Law {
        check: "states that a run leads to",
        rows: "SELECT COUNT(*) FROM guests",
        broken: &[
            "SELECT 'guest ' || g.id || ' is ' || g.state || ' and holds a ' || i.kind FROM guests g
             JOIN identities i ON i.guest = g.id AND i.retired_at IS NULL
             WHERE g.state IN ('released', 'destroyed') ORDER BY g.id, i.id",
            "SELECT 'guest ' || g.id || ' is ' || g.state || ', and its run ' || g.run || ' was undone' FROM guests g
             JOIN runs r ON r.run = g.run AND r.outcome = 'rolled_back'
             WHERE g.state NOT IN ('released', 'destroyed') ORDER BY g.id",
            "SELECT 'guest ' || g.id || ' is reserved, and its run ' || g.run || ' is done' FROM guests g
             JOIN runs r ON r.run = g.run AND r.outcome = 'done' WHERE g.state = 'reserved' ORDER BY g.id",
            "SELECT 'guest ' || g.id || ' does not hold its hostname ' || g.hostname FROM guests g
             LEFT JOIN identities i ON i.guest = g.id AND i.kind = 'hostname' AND i.value = LOWER(g.hostname)
                                       AND i.retired_at IS NULL
             WHERE g.state NOT IN ('released', 'destroyed') AND i.id IS NULL ORDER BY g.id",
        ],
    },
    Law {
        check: "customers and their guests",
        rows: "SELECT COUNT(*) FROM customers",
        broken: &[
            "SELECT 'customer ' || c.customer || ' is bound to guest ' || c.guest || ', which is ' ||
                    COALESCE(g.state, 'not there') FROM customers c LEFT JOIN guests g ON g.id = c.guest
             WHERE c.guest IS NOT NULL AND (g.id IS NULL OR g.state IN ('released', 'destroyed')) ORDER BY c.customer",
            "SELECT 'customer ' || c.customer || ' is bound to guest ' || c.guest || ' of customer ' || g.customer
             FROM customers c JOIN guests g ON g.id = c.guest WHERE g.customer <> c.customer ORDER BY c.customer",
            "SELECT 'customer ' || customer || ' is active and bound to no guest' FROM customers
             WHERE status = 'active' AND guest IS NULL ORDER BY customer",
        ],
    },
    Law {
        check: "pool and warm goldens",
        rows: "SELECT (SELECT COUNT(*) FROM pool) + (SELECT COUNT(*) FROM warm)",
        broken: &[
            "SELECT 'pool guest ' || guest || ' is ' || state || ' by no run' FROM pool
             WHERE state = 'claimed' AND claim IS NULL ORDER BY guest",
            "SELECT 'run ' || claim || ' claimed ' || COUNT(*) || ' guests of the pool' FROM pool
             WHERE claim IS NOT NULL GROUP BY claim HAVING COUNT(*) > 1 ORDER BY claim",
            "SELECT 'release ' || MIN(title) || ' has ' || COUNT(*) || ' warm goldens on ' || node || ', ' || storage
             FROM warm WHERE state = 'ready' GROUP BY manifest, node, storage HAVING COUNT(*) > 1 ORDER BY 1",
        ],
    },
];
