-- Certificates that the host CA signed for guests' host keys: every one, before it leaves the agent.
CREATE TABLE host_certificates (
    serial       TEXT   NOT NULL PRIMARY KEY,   -- 64 bits, as a decimal number
    ca           TEXT   NOT NULL,               -- SHA256:… of the CA's public key
    guest        BIGINT NOT NULL REFERENCES guests (id),
    run          TEXT   NOT NULL,               -- the run that had it signed
    key_id       TEXT   NOT NULL,
    host_key     TEXT   NOT NULL,               -- SHA256:… of the key that it certifies
    valid_before BIGINT NOT NULL,               -- seconds since 1970
    replaced     BIGINT NOT NULL DEFAULT 0,     -- 1: a later one of the same guest counts, or its run was undone
    issued_at    TEXT   NOT NULL
);

CREATE INDEX host_certificates_guest ON host_certificates (guest);
