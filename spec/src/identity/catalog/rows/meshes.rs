//! Meshes, tunnels, service discovery, secret stores.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::{Applies, Lines, Need};

pub(super) const ITEMS: &[Item] = &[
    Item::new("consul-node-id", "Consul node id", &[154])
        .at(&["/var/lib/consul/node-id", "/opt/consul/node-id", "/opt/consul/data/node-id", "/var/consul/node-id"])
        .applies(&[Applies::Binary("/usr/bin/consul")])
        .collides(1, "the cluster sees one node under two addresses and refuses it")
        .unique_file()
        .stop(&["consul.service"])
        .by_owner("consul"),
    Item::new("consul-state", "Consul members, keys and tokens", &[154])
        .at(&[
            "/var/lib/consul/serf/**",
            "/var/lib/consul/raft/**",
            "/var/lib/consul/acl-tokens.json",
            "/opt/consul/serf/**",
            "/opt/consul/raft/**",
            "/opt/consul/acl-tokens.json",
            "/opt/consul/data/serf/**",
            "/opt/consul/data/raft/**",
        ])
        .leaks(1, "gossip keys, tokens and the log of the build's cluster")
        .after(&["consul-node-id"])
        .stop(&["consul.service"])
        .by_procedure("join the cluster with its keys"),
    Item::new("nomad-client-id", "Nomad client id", &[155])
        .at(&[
            "/var/lib/nomad/client/client-id",
            "/var/lib/nomad/client/secret-id",
            "/opt/nomad/client/client-id",
            "/opt/nomad/client/secret-id",
            "/opt/nomad/data/client/client-id",
            "/opt/nomad/data/client/secret-id",
        ])
        .applies(&[Applies::Binary("/usr/bin/nomad")])
        .collides(1, "servers take two clients for one and move its jobs between them")
        .unique_file()
        .stop(&["nomad.service"])
        .by_owner("nomad"),
    Item::new("nomad-server-state", "Nomad server state", &[155])
        .at(&["/var/lib/nomad/server/**", "/opt/nomad/server/**", "/opt/nomad/data/server/**"])
        .leaks(1, "the log and keys of the build's cluster")
        .stop(&["nomad.service"])
        .by_owner("nomad"),
    Item::new("vault-data", "Vault and OpenBao data and tokens", &[156])
        .at(&[
            "/opt/vault/data/**",
            "/var/lib/vault/**",
            "/opt/openbao/data/**",
            "/var/lib/openbao/**",
            "/etc/vault.d/*token*",
            "/etc/vault.d/*unseal*",
            "~/.vault-token",
            "~/.bao-token",
        ])
        .collides(1, "one sealed store and its keys for every guest")
        .forbidden()
        .by_procedure("vault operator init"),
    Item::new("vault-tls", "the certificate of Vault's package", &[156])
        .at(&["/opt/vault/tls/*", "/opt/openbao/tls/*"])
        .collides(1, "one TLS private key for every guest's store")
        .when_shared("each can pose as the other's secret store")
        .unique_file()
        .stays_in_clones()
        .by_procedure("a certificate of the guest's own"),
    Item::new("tailscale-state", "Tailscale node key", &[158])
        .at(&["/var/lib/tailscale/tailscaled.state"])
        .applies(&[Applies::Package("tailscale")])
        .collides(1, "guests with one node key throw each other off the network")
        .when_shared("they throw each other off the network")
        .unique_file()
        .stop(&["tailscaled.service"])
        .copies(&["tailscale-log-id"])
        .by_owner("tailscaled")
        .needs(&[Need::Network, Need::Credential]),
    Item::new("tailscale-log-id", "Tailscale log id and certificates", &[158])
        .at(&[
            "/var/lib/tailscale/tailscaled.log*",
            "/var/lib/tailscale/certs/**",
            "/var/lib/tailscale/files/**",
            "/var/lib/tailscale/profile-data/**",
            "/var/cache/tailscale/**",
        ])
        .collides(2, "a second identity, by which its maker knows the node")
        .stop(&["tailscaled.service"])
        .by_owner("tailscaled"),
    Item::new("headscale-keys", "Headscale keys", &[158])
        .at(&["/var/lib/headscale/*.key", "/var/lib/headscale/db.sqlite*"])
        .applies(&[Applies::Package("headscale")])
        .collides(1, "one coordination server's keys and nodes in every guest")
        .stop(&["headscale.service"])
        .by_owner("headscale"),
    Item::new("zerotier-identity", "ZeroTier identity", &[159])
        .at(&["/var/lib/zerotier-one/identity.*", "/var/lib/zerotier-one/authtoken.secret"])
        .applies(&[Applies::Package("zerotier-one")])
        .collides(1, "guests with one address throw each other off the network")
        .unique_file()
        .stop(&["zerotier-one.service"])
        .by_owner("zerotier-one"),
    Item::new("zerotier-networks", "ZeroTier networks and peers", &[159])
        .at(&[
            "/var/lib/zerotier-one/networks.d/**",
            "/var/lib/zerotier-one/peers.d/**",
            "/var/lib/zerotier-one/controller.d/**",
        ])
        .leaks(2, "networks that the build guest was a member of")
        .directories_only()
        .stop(&["zerotier-one.service"]),
    Item::new("wireguard-keys", "WireGuard keys", &[160])
        .at(&["/etc/wireguard/**"])
        .collides(1, "two peers with one key take each other's packets")
        .when_shared("peers send to whichever spoke last, and each can read what is meant for the other")
        .unique_file()
        .forbidden()
        .by_procedure("wg genkey, and the new public key to every peer"),
    Item::new("netdev-keys", "WireGuard keys in networkd's and netplan's files", &[160])
        .at(&["/etc/systemd/network/*.netdev", "/etc/netplan/*.yaml", "/etc/NetworkManager/system-connections/*"])
        .collides(1, "two peers with one key take each other's packets")
        .forbids(Lines::SetKeys(&["PrivateKey", "PresharedKey", "private-key", "preshared-key"])),
    Item::new("tunnel-credentials", "credentials of meshes and tunnels", &[161])
        .at(&[
            "/etc/nebula/*.key",
            "/etc/nebula/*.crt",
            "/etc/openvpn/**/*.key",
            "/etc/openvpn/**/*.ovpn",
            "/etc/openvpn/**/*.p12",
            "/etc/netbird/config.json",
            "/var/lib/netbird/*.json",
            "/etc/netclient/**",
            "/etc/cloudflared/*.json",
            "/etc/cloudflared/cert.pem",
            "~/.cloudflared/**",
            "~/.config/ngrok/ngrok.yml",
            "~/.ngrok2/ngrok.yml",
            "/etc/innernet/*.conf",
            "/var/lib/innernet/**",
        ])
        .collides(1, "every guest is the build guest's peer")
        .forbidden()
        .by_procedure("enrol each guest"),
    Item::new("tunnel-tokens", "tokens in tunnels' configurations", &[161])
        .at(&["/etc/frp/*", "/etc/default/cloudflared", "/etc/systemd/system/cloudflared.service"])
        .collides(1, "every guest is the build guest's peer")
        .forbids(Lines::SetKeys(&["token", "auth.token", "TUNNEL_TOKEN"])),
];
