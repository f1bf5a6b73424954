-- Goldens turned into templates: guests are cloned from the one that is ready for their release, node and storage.
CREATE TABLE warm (
    guest       BIGINT NOT NULL PRIMARY KEY REFERENCES guests (id),  -- the template, as a guest of ours
    manifest    TEXT   NOT NULL,          -- SHA-256 of the release's manifest
    golden      TEXT   NOT NULL,
    title       TEXT   NOT NULL,          -- its name and release, for people
    node        TEXT   NOT NULL,
    storage     TEXT   NOT NULL,
    size        TEXT   NOT NULL,          -- of its root disk: no clone is smaller
    fingerprint TEXT   NOT NULL,          -- SHA-256 of its configuration when it was made
    state       TEXT   NOT NULL CHECK (state IN ('ready', 'retired', 'removed')),
    updated_at  TEXT   NOT NULL
);

CREATE UNIQUE INDEX warm_ready ON warm (manifest, node, storage) WHERE state = 'ready';
