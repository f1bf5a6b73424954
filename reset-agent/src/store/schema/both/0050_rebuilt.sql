-- Guests whose rows were made out of what was seen of them on the cluster: no run of this journal made them.
CREATE TABLE rebuilt (
    guest      BIGINT NOT NULL PRIMARY KEY REFERENCES guests (id),
    why        TEXT   NOT NULL,           -- what was seen
    rebuilt_at TEXT   NOT NULL
);
