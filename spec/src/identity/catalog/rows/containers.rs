//! Container engines.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::Reading;

pub(super) const ITEMS: &[Item] = &[
    Item::new("docker-engine-id", "Docker engine-id", &[145])
        .at(&["/var/lib/docker/engine-id", "/etc/docker/key.json"])
        .collides(1, "Swarm and monitoring merge the guests into one host")
        .unique(Reading::DockerEngineId)
        .by_owner("dockerd"),
    Item::new("docker-network-db", "Docker network database", &[147])
        .at(&["/var/lib/docker/network/files/local-kv.db"])
        .collides(3, "bridges and subnets of the build guest")
        .by_owner("dockerd"),
    Item::new("docker-containers", "Docker containers and volumes", &[148])
        .at(&[
            "/var/lib/docker/containers/**",
            "/var/lib/docker/volumes/**",
            "/var/lib/docker/buildkit/**",
            "/var/lib/docker/tmp/**",
        ])
        .leaks(1, "data of containers that ran in the build guest")
        .by_owner("dockerd"),
    Item::new("docker-swarm", "Docker swarm state", &[146])
        .at(&["/var/lib/docker/swarm/**"])
        .leaks(1, "swarm certificates and tokens")
        .by_owner("dockerd"),
    Item::new("registry-logins", "registry logins", &[149])
        .at(&["/root/.docker/config.json", "/home/*/.docker/config.json", "/root/.config/containers/auth.json"])
        .leaks(1, "credentials of the builder")
        .forbidden(),
    Item::new("containerd-state", "containerd state", &[150])
        .at(&[
            "/var/lib/containerd/io.containerd.metadata.v1.bolt/**",
            "/var/lib/containerd/io.containerd.grpc.v1.introspection/**",
        ])
        .collides(3, "containerd's instance uuid and its record of the build guest's containers")
        .by_owner("containerd"),
];
