-- The highest serial of each channel, and the document that had it: an older one is a rollback.
CREATE TABLE channels_seen (
    golden  TEXT    NOT NULL,
    channel TEXT    NOT NULL,
    serial  INTEGER NOT NULL,
    sha256  TEXT    NOT NULL,
    seen_at TEXT    NOT NULL,
    PRIMARY KEY (golden, channel)
) STRICT, WITHOUT ROWID;

-- The furthest line of each golden's release log that a signed channel vouched for.
CREATE TABLE logs_seen (
    golden  TEXT    NOT NULL PRIMARY KEY,
    line    INTEGER NOT NULL,
    sha256  TEXT    NOT NULL,
    seen_at TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
