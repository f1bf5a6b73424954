-- What the API keeps. Times are UTC in RFC 3339; SQL that SQLite and PostgreSQL both take.

-- Who may call. The token itself is nowhere, only the SHA-256 of it.
CREATE TABLE api_tokens (
    id         TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL,
    tenant     TEXT,                      -- NULL: an operator's, who sees every tenant
    digest     TEXT NOT NULL,
    scopes     TEXT NOT NULL,             -- words, separated by blanks
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT
);

-- Every run that the API accepted, before it was begun: an accepted run is carried out whatever happens.
CREATE TABLE api_requests (
    tenant      TEXT NOT NULL,            -- empty: an operator's
    key         TEXT NOT NULL,            -- the caller's Idempotency-Key
    body        TEXT NOT NULL,            -- SHA-256 of what was asked
    customer    TEXT NOT NULL,
    run         TEXT NOT NULL,
    plan        TEXT NOT NULL,
    input       TEXT NOT NULL,            -- the run's input as JSON
    existing    BIGINT NOT NULL,          -- 1: the guest was there already, and the run is the one that made it
    accepted_at TEXT NOT NULL,
    PRIMARY KEY (tenant, key)
);

CREATE INDEX api_requests_of_run ON api_requests (run);
CREATE INDEX api_requests_of_customer ON api_requests (customer);

CREATE INDEX guests_of_customer ON guests (customer);

-- Audits of the fleet, and what they found.
CREATE TABLE api_audits (
    id         TEXT NOT NULL PRIMARY KEY,
    began_at   TEXT NOT NULL,
    ended_at   TEXT,
    exit       TEXT,                      -- the word of its exit code
    report     TEXT                       -- spec::report::AuditReport as JSON
);

-- Who did what: append only, each row chained to the one before by its hash.
CREATE TABLE audit_log (
    seq      BIGINT NOT NULL PRIMARY KEY,
    entry    TEXT   NOT NULL,             -- the entry as JSON, exactly as it was hashed
    previous TEXT   NOT NULL,
    hash     TEXT   NOT NULL              -- SHA-256 over seq, previous and entry
);
