-- Runs that burden a node with a restore, a clone or a destruction, or wait to: one queue for all agents of the ledger.
CREATE TABLE turns (
    run     TEXT   NOT NULL PRIMARY KEY,
    fence   BIGINT NOT NULL,              -- under which its run is held: a place is nobody's once that has ended
    node    TEXT   NOT NULL,
    storage TEXT   NOT NULL,
    place   BIGINT NOT NULL,              -- rising in the order in which they came
    since   TEXT   NOT NULL
);

CREATE INDEX turns_of_node ON turns (node, place);
