//! Container engines and orchestrators.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::{Applies, Reading};

pub(super) const ITEMS: &[Item] = &[
    Item::new("docker-engine-id", "Docker engine-id", &[145])
        .at(&["/var/lib/docker/engine-id", "/etc/docker/key.json"])
        .applies(&[Applies::Binary("/usr/bin/dockerd"), Applies::Binary("/usr/sbin/dockerd")])
        .collides(1, "Swarm and monitoring merge the guests into one host")
        .when_shared("Swarm and monitoring merge them into one host")
        .unique(Reading::DockerEngineId)
        .live("docker.io")
        .stop(&["docker.service", "docker.socket"])
        .by_owner("dockerd"),
    Item::new("docker-network-db", "Docker network database", &[147])
        .at(&["/var/lib/docker/network/files/local-kv.db"])
        .collides(3, "bridges and subnets of the build guest")
        .stop(&["docker.service", "docker.socket"])
        .by_owner("dockerd"),
    Item::new("docker-containers", "Docker containers and volumes", &[148])
        .at(&[
            "/var/lib/docker/containers/**",
            "/var/lib/docker/volumes/**",
            "/var/lib/docker/buildkit/**",
            "/var/lib/docker/tmp/**",
        ])
        .leaks(1, "data of containers that ran in the build guest")
        .stop(&["docker.service", "docker.socket"])
        .by_owner("dockerd"),
    Item::new("docker-images", "images of container engines", &[148])
        .at(&[
            "/var/lib/docker/overlay2/**",
            "/var/lib/docker/image/**",
            "/var/lib/containerd/io.containerd.content.v1.content/**",
            "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/**",
            "/var/lib/containers/storage/overlay/**",
            "/var/lib/containers/storage/overlay-images/**",
            "/var/lib/containers/storage/overlay-layers/**",
        ])
        .bloats(4, "images that a golden brings along are meant")
        .shared(),
    Item::new("docker-swarm", "Docker swarm state", &[146])
        .at(&["/var/lib/docker/swarm/**"])
        .leaks(1, "swarm certificates and tokens")
        .stop(&["docker.service", "docker.socket"])
        .by_owner("dockerd"),
    Item::new("registry-logins", "registry logins", &[149])
        .at(&[
            "~/.docker/config.json",
            "~/.config/containers/auth.json",
            "/etc/containers/auth.json",
            "/run/containers/*/auth.json",
            "/run/user/*/containers/auth.json",
            "/var/lib/kubelet/config.json",
        ])
        .leaks(1, "credentials of the builder")
        .forbidden(),
    Item::new("containerd-state", "containerd state", &[150])
        .at(&[
            "/var/lib/containerd/io.containerd.metadata.v1.bolt/**",
            "/var/lib/containerd/io.containerd.grpc.v1.introspection/**",
        ])
        .collides(3, "containerd's instance uuid and its record of the build guest's containers")
        .stop(&["containerd.service"])
        .by_owner("containerd"),
    Item::new("podman-state", "Podman containers and volumes", &[151])
        .at(&[
            "/var/lib/containers/storage/overlay-containers/**",
            "/var/lib/containers/storage/volumes/**",
            "/var/lib/containers/storage/libpod/**",
            "/var/lib/containers/storage/db.sql*",
            "~/.local/share/containers/storage/overlay-containers/**",
            "~/.local/share/containers/storage/volumes/**",
            "~/.local/share/containers/storage/libpod/**",
            "~/.local/share/containers/storage/db.sql*",
        ])
        .leaks(1, "data of containers that ran in the build guest")
        .stop(&["podman.service", "podman.socket"])
        .by_owner("podman"),
    Item::new("lxd-identity", "Incus and LXD certificates and databases", &[151])
        .at(&[
            "/var/lib/incus/server.*",
            "/var/lib/incus/cluster.*",
            "/var/lib/incus/database/**",
            "/var/lib/lxd/server.*",
            "/var/lib/lxd/cluster.*",
            "/var/lib/lxd/database/**",
            "/var/snap/lxd/common/lxd/server.*",
            "/var/snap/lxd/common/lxd/database/**",
        ])
        .collides(1, "every guest is one member of one cluster")
        .forbidden()
        .by_procedure("initialise at first boot"),
    Item::new("kubernetes-identity", "Kubernetes node and cluster identity", &[152])
        .at(&[
            "/etc/kubernetes/*.conf",
            "/etc/kubernetes/pki/**",
            "/etc/kubernetes/manifests/*",
            "/var/lib/kubelet/pki/**",
            "/var/lib/kubelet/config.yaml",
            "/var/lib/kubelet/kubeadm-flags.env",
        ])
        .collides(1, "every guest is one node, with the cluster's keys")
        .forbidden()
        .by_procedure("kubeadm join"),
    Item::new("cni-networks", "CNI networks", &[152])
        .at(&["/etc/cni/net.d/*"])
        .collides(3, "subnets of the build guest")
        .reported(),
    Item::new("k3s-identity", "k3s, RKE2, MicroK8s and k0s identity", &[153])
        .at(&[
            "/etc/rancher/node/password",
            "/etc/rancher/k3s/k3s.yaml",
            "/etc/rancher/rke2/rke2.yaml",
            "/var/lib/rancher/k3s/server/**",
            "/var/lib/rancher/k3s/agent/*.crt",
            "/var/lib/rancher/k3s/agent/*.key",
            "/var/lib/rancher/k3s/agent/*.kubeconfig",
            "/var/lib/rancher/rke2/server/**",
            "/var/lib/rancher/rke2/agent/*.crt",
            "/var/lib/rancher/rke2/agent/*.key",
            "/var/lib/rancher/rke2/agent/*.kubeconfig",
            "/var/lib/k0s/pki/**",
            "/var/lib/k0s/etcd/**",
            "/var/lib/k0s/kubelet/pki/**",
            "/var/snap/microk8s/current/credentials/**",
            "/var/snap/microk8s/current/certs/**",
            "/var/snap/microk8s/current/var/kubernetes/**",
        ])
        .except(&["/var/lib/rancher/k3s/server/static/**", "/var/lib/rancher/k3s/server/manifests/**"])
        .collides(1, "every guest is one node, and its password keeps others from joining under that name")
        .forbidden()
        .by_procedure("install without starting, join at first boot"),
];
