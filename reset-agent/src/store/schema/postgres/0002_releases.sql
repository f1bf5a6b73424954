-- As `sqlite/0002_releases.sql`.
-- The highest serial of each channel, and the document that had it: an older one is a rollback.
CREATE TABLE channels_seen (
    golden  TEXT    NOT NULL,
    channel TEXT    NOT NULL,
    serial  BIGINT  NOT NULL,
    sha256  TEXT    NOT NULL,
    seen_at TEXT    NOT NULL,
    PRIMARY KEY (golden, channel)
);

-- The furthest line of each golden's release log that a signed channel vouched for.
CREATE TABLE logs_seen (
    golden  TEXT    NOT NULL PRIMARY KEY,
    line    BIGINT  NOT NULL,
    sha256  TEXT    NOT NULL,
    seen_at TEXT    NOT NULL
);
