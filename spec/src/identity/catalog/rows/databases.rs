//! Databases and storage.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::{Applies, Lines, Reading};

pub(super) const ITEMS: &[Item] = &[
    Item::new("mysql-server-uuid", "MySQL server uuid", &[188])
        .at(&["/var/lib/mysql/auto.cnf"])
        .applies(&[Applies::Package("mysql-server"), Applies::Binary("/usr/sbin/mysqld")])
        .collides(1, "replication refuses two servers with one uuid")
        .unique_file()
        .stop(&["mysql.service"])
        .by_owner("mysqld"),
    Item::new("mysql-tls", "MySQL's own TLS and RSA keys", &[189])
        .at(&[
            "/var/lib/mysql/ca.pem",
            "/var/lib/mysql/ca-key.pem",
            "/var/lib/mysql/server-cert.pem",
            "/var/lib/mysql/server-key.pem",
            "/var/lib/mysql/client-cert.pem",
            "/var/lib/mysql/client-key.pem",
            "/var/lib/mysql/private_key.pem",
            "/var/lib/mysql/public_key.pem",
        ])
        .applies(&[Applies::Package("mysql-server")])
        .collides(1, "whoever holds one guest's key reads every guest's connections")
        .unique_file()
        .stop(&["mysql.service"])
        .by_owner("mysqld"),
    Item::new("mysql-server-id", "MySQL and MariaDB server_id", &[190])
        .at(&["/etc/mysql/**/*.cnf", "/etc/my.cnf", "/etc/my.cnf.d/*.cnf"])
        .collides(1, "two replicas with one number throw each other out; set it per guest")
        .read_as(Reading::Lines(Lines::Keys(&["server_id", "server-id"])))
        .reported(),
    Item::new("mysql-maintenance", "MySQL's maintenance password", &[190])
        .at(&["/etc/mysql/debian.cnf"])
        .leaks(1, "one password opens every guest's database as its maintainer")
        .forbids(Lines::SetKeys(&["password"]))
        .by_procedure("a new password for debian-sys-maint at first boot"),
    Item::new("galera-state", "Galera state", &[190])
        .at(&["/var/lib/mysql/gvwstate.dat", "/var/lib/mysql/grastate.dat", "/var/lib/mysql/galera.cache"])
        .collides(1, "every guest is the build guest's node of the cluster")
        .stop(&["mariadb.service", "mysql.service"])
        .by_owner("mariadbd"),
    Item::new("postgresql-upstream", "PostgreSQL's connection to a primary", &[191])
        .at(&["/var/lib/postgresql/*/*/postgresql.auto.conf", "/var/lib/pgsql/data/postgresql.auto.conf"])
        .leaks(1, "address and password of the build site's primary")
        .forbids(Lines::SetKeys(&["primary_conninfo"])),
    Item::new("mongodb-data", "MongoDB data", &[192])
        .at(&["/var/lib/mongodb/**", "/var/lib/mongo/**"])
        .collides(1, "users and the replica set of the build guest")
        .directories_only()
        .stop(&["mongod.service"])
        .by_owner("mongod"),
    Item::new("mongodb-keyfile", "MongoDB key file", &[192])
        .at(&["/etc/mongo*key*", "/etc/mongodb/*key*"])
        .leaks(1, "every customer is a member of the builder's replica set")
        .forbidden(),
    Item::new("redis-cluster", "Redis and Valkey node ids", &[193])
        .at(&["/var/lib/redis/nodes*.conf", "/var/lib/valkey/nodes*.conf", "/var/lib/keydb/nodes*.conf"])
        .applies(&[Applies::Package("redis-server"), Applies::Package("valkey-server")])
        .collides(1, "two nodes of a cluster with one id")
        .unique_file()
        .stays_in_clones()
        .stop(&["redis-server.service", "valkey-server.service"])
        .by_owner("redis-server"),
    Item::new("redis-data", "Redis and Valkey data", &[193])
        .at(&[
            "/var/lib/redis/*.rdb",
            "/var/lib/redis/appendonlydir/**",
            "/var/lib/redis/*.aof",
            "/var/lib/valkey/*.rdb",
            "/var/lib/valkey/appendonlydir/**",
            "/var/lib/keydb/*.rdb",
        ])
        .leaks(2, "what the build guest kept, and the replication id it was kept under")
        .stop(&["redis-server.service", "valkey-server.service", "keydb-server.service"])
        .by_owner("redis-server"),
    Item::new("redis-passwords", "Redis and Valkey passwords", &[193])
        .at(&["/etc/redis/*.conf", "/etc/redis/*.acl", "/etc/valkey/*.conf", "/etc/keydb/*.conf"])
        .leaks(1, "one password opens every guest's store")
        .forbids(Lines::SetKeys(&["requirepass", "masterauth", "primaryauth", "user * on"])),
    Item::new("cassandra-data", "Cassandra and Scylla data", &[194])
        .at(&[
            "/var/lib/cassandra/data/**",
            "/var/lib/cassandra/commitlog/**",
            "/var/lib/cassandra/saved_caches/**",
            "/var/lib/cassandra/hints/**",
            "/var/lib/scylla/data/**",
            "/var/lib/scylla/commitlog/**",
            "/var/lib/scylla/hints/**",
        ])
        .collides(1, "host id and tokens of the build guest")
        .directories_only()
        .stop(&["cassandra.service", "scylla-server.service"])
        .by_owner("cassandra"),
    Item::new("clickhouse-uuid", "ClickHouse server uuid", &[195])
        .at(&["/var/lib/clickhouse/uuid"])
        .applies(&[Applies::Package("clickhouse-server")])
        .collides(2, "a cluster sees one server")
        .unique_file()
        .stop(&["clickhouse-server.service"])
        .by_owner("clickhouse-server"),
    Item::new("couchdb-identity", "CouchDB uuid, cookie and administrators", &[195])
        .at(&["/opt/couchdb/etc/local.ini", "/opt/couchdb/etc/local.d/*.ini", "/etc/couchdb/local.d/*.ini"])
        .collides(1, "replication mixes two servers with one uuid")
        .drops(Lines::SetKeys(&["uuid", "secret", "admin"]))
        .by_owner("couchdb"),
    Item::new("influxdb-store", "InfluxDB store", &[195])
        .at(&[
            "/var/lib/influxdb/**",
            "/var/lib/influxdb2/**",
            "/root/.influxdbv2/configs",
            "/etc/influxdb2/influx-configs",
        ])
        .collides(1, "organisations and tokens that open every guest's database")
        .directories_only()
        .stop(&["influxdb.service"])
        .by_owner("influxd"),
    Item::new("neo4j-store", "Neo4j store", &[195])
        .at(&["/var/lib/neo4j/data/**"])
        .collides(2, "server and store ids of the build guest")
        .directories_only()
        .stop(&["neo4j.service"])
        .by_owner("neo4j"),
    Item::new("arangodb-id", "ArangoDB server id", &[195])
        .at(&["/var/lib/arangodb3/SERVER", "/var/lib/arangodb3/UUID"])
        .collides(2, "a cluster sees one server")
        .unique_file()
        .stays_in_clones()
        .stop(&["arangodb3.service"])
        .by_owner("arangod"),
    Item::new("distributed-sql", "CockroachDB, TiDB and YugabyteDB nodes", &[195])
        .at(&[
            "/var/lib/cockroach/**",
            "/var/lib/tikv/**",
            "/var/lib/pd/**",
            "/var/lib/yugabyte/**",
            "/var/lib/tidb/**",
        ])
        .collides(1, "every guest is one node of one cluster, with its certificates")
        .forbidden()
        .by_procedure("initialise at first boot"),
    Item::new("object-stores", "MinIO, Garage and SeaweedFS nodes", &[196])
        .at(&[
            "/var/lib/minio/.minio.sys/**",
            "/mnt/data/.minio.sys/**",
            "/srv/minio/.minio.sys/**",
            "/var/lib/garage/meta/**",
            "/var/lib/seaweedfs/**",
        ])
        .collides(1, "disks that name each other mix two deployments")
        .forbidden()
        .by_procedure("initialise at first boot"),
    Item::new("cluster-file-systems", "Ceph and GlusterFS members", &[196])
        .at(&["/etc/ceph/*.keyring", "/var/lib/ceph/**", "/var/lib/glusterd/peers/**", "/var/lib/glusterd/vols/**"])
        .except(&["/var/lib/glusterd/vols/*.vol"])
        .collides(1, "every guest is one member of one cluster")
        .forbidden()
        .by_procedure("join at first boot"),
    Item::new("glusterd-uuid", "GlusterFS node uuid", &[196])
        .at(&["/var/lib/glusterd/glusterd.info"])
        .applies(&[Applies::Package("glusterfs-server")])
        .collides(1, "a pool refuses two peers with one uuid")
        .unique_file()
        .stays_in_clones()
        .stop(&["glusterd.service"])
        .by_owner("glusterd")
        .live("glusterfs-server"),
    Item::new("block-replication", "DRBD and Longhorn nodes", &[196])
        .at(&["/etc/drbd.d/*.res", "/var/lib/drbd/**", "/var/lib/longhorn/**"])
        .collides(1, "two nodes with one id write over each other")
        .forbidden()
        .by_procedure("join at first boot"),
];
