-- Times are UTC in RFC 3339. STRICT: a number never hides in a text column.

-- Facts about this file itself.
CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One row per run; its records are in `events`.
CREATE TABLE runs (
    run        TEXT    NOT NULL PRIMARY KEY,
    plan       TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    fence      INTEGER NOT NULL,          -- grows with every claim; older holders are refused
    holder     TEXT    NOT NULL,          -- who claimed it last, for people
    outcome    TEXT    CHECK (outcome IN ('done', 'rolled_back')),
    opened_at  TEXT    NOT NULL,
    updated_at TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX runs_unfinished ON runs (opened_at) WHERE outcome IS NULL;

-- The journal: append only.
CREATE TABLE events (
    run    TEXT    NOT NULL REFERENCES runs (run),
    seq    INTEGER NOT NULL,
    at     TEXT    NOT NULL,
    record TEXT    NOT NULL,              -- saga::Record as JSON
    PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;

-- Every guest there ever was. Rows are never deleted.
CREATE TABLE guests (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    customer   TEXT    NOT NULL,
    vmid       INTEGER NOT NULL,
    node       TEXT    NOT NULL,
    hostname   TEXT    NOT NULL,
    golden     TEXT    NOT NULL,
    run        TEXT    NOT NULL,          -- the run that reserved it: its mark stands in the guest's description
    state      TEXT    NOT NULL
        CHECK (state IN ('reserved', 'provisioned', 'active', 'quarantined', 'failed', 'released', 'destroyed')),
    created_at TEXT    NOT NULL,
    updated_at TEXT    NOT NULL
) STRICT;

CREATE UNIQUE INDEX guests_live_customer ON guests (customer) WHERE state NOT IN ('released', 'destroyed');
CREATE UNIQUE INDEX guests_live_vmid ON guests (vmid) WHERE state NOT IN ('released', 'destroyed');

-- Who holds, or held, which identity. Rows are never deleted.
CREATE TABLE identities (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT    NOT NULL,
    value       TEXT    NOT NULL,         -- machine-ids as keyed digests
    guest       INTEGER NOT NULL REFERENCES guests (id),
    for_ever    INTEGER NOT NULL CHECK (for_ever IN (0, 1)),
    recorded_at TEXT    NOT NULL,
    retired_at  TEXT                      -- NULL while the guest holds it
) STRICT;

CREATE UNIQUE INDEX identities_for_ever ON identities (kind, value) WHERE for_ever = 1;
CREATE UNIQUE INDEX identities_live ON identities (kind, value) WHERE retired_at IS NULL;
CREATE INDEX identities_of_guest ON identities (guest);

-- Values that belong to a golden: no guest may hold them.
CREATE TABLE forbidden (
    golden TEXT NOT NULL,                 -- SHA-256 of the golden's archive
    name   TEXT NOT NULL,                 -- the golden's name and version, for people
    kind   TEXT NOT NULL,
    value  TEXT NOT NULL,
    PRIMARY KEY (golden, kind, value)
) STRICT, WITHOUT ROWID;

CREATE INDEX forbidden_value ON forbidden (kind, value);
