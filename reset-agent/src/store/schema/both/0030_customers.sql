-- Customers whose guests get secrets. One name, one hostname, one collection: none of them is another's.
CREATE TABLE customers (
    customer      TEXT   NOT NULL PRIMARY KEY,
    hostname      TEXT   NOT NULL UNIQUE,
    secrets       TEXT   NOT NULL UNIQUE,     -- where they lie, SOURCE:COLLECTION; never a secret
    status        TEXT   NOT NULL CHECK (status IN ('provisioned', 'active')),
    guest         BIGINT,                     -- the guest that the registration is bound to, with what it was then
    vmid          BIGINT,
    node          TEXT,
    rootfs        TEXT,                       -- volume id of its root disk
    delivered     BIGINT,                     -- how many secrets the last delivery brought
    delivered_at  TEXT,
    registered_at TEXT   NOT NULL,
    updated_at    TEXT   NOT NULL
);
