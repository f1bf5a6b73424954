-- Guests that were provisioned ahead of their customers. A guest is handed over once and never given back.
CREATE TABLE pool (
    guest      BIGINT NOT NULL PRIMARY KEY REFERENCES guests (id),
    golden     TEXT   NOT NULL,           -- what it was asked to be made from, as the request named it
    release    TEXT   NOT NULL,           -- what that was resolved to, as JSON
    made_by    TEXT   NOT NULL,           -- the run that made it
    claim      TEXT,                      -- the run that handed it over, or tries to
    state      TEXT   NOT NULL CHECK (state IN ('filling', 'ready', 'claimed', 'spoiled')),
    updated_at TEXT   NOT NULL
);

CREATE INDEX pool_ready ON pool (golden, guest) WHERE state = 'ready';
CREATE UNIQUE INDEX pool_claim ON pool (claim) WHERE claim IS NOT NULL;
