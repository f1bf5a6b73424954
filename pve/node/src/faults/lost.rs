//! A cluster of which a node does not answer, as the others see it. Pure.

use serde_json::Value;

/// What the proxy says where a node cannot be reached.
pub(super) const UNREACHABLE: (u16, &str) = (595, "No route to host");

/// The node that a path is for.
pub(super) fn node_of(path: &str) -> Option<&str> {
    path.strip_prefix("/api2/json/nodes/")?.split('/').next().filter(|name| !name.is_empty())
}

/// Whether a path lists what all nodes have told.
pub(super) fn is_list(path: &str) -> bool {
    matches!(path, "/api2/json/nodes" | "/api2/json/cluster/resources")
}

/// A list's rows with the lost nodes dark: no numbers come from them, and nobody knows how their guests are.
pub(super) fn darkened(body: &[u8], lost: &[String]) -> Option<Vec<u8>> {
    let mut answer: Value = serde_json::from_slice(body).ok()?;
    for row in answer.get_mut("data")?.as_array_mut()?.iter_mut().filter_map(Value::as_object_mut) {
        if !row.get("node").and_then(Value::as_str).is_some_and(|node| lost.iter().any(|name| name == node)) {
            continue;
        }
        let is_node = row.get("type").and_then(Value::as_str) == Some("node");
        row.retain(|key, _| !matches!(key.as_str(), "cpu" | "mem" | "disk" | "uptime" | "netin" | "netout"));
        row.insert("status".to_owned(), Value::from(if is_node { "offline" } else { "unknown" }));
    }
    serde_json::to_vec(&answer).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_lost_node_told_goes_dark_and_nothing_else() {
        let body = br#"{"data":[{"id":"node/pve","node":"pve","type":"node","status":"online","cpu":0.5},
            {"id":"lxc/9101","node":"pve2","type":"lxc","status":"running","mem":5,"vmid":9101},
            {"id":"node/pve2","node":"pve2","type":"node","status":"online","uptime":7}]}"#;
        let dark: Value = serde_json::from_slice(&darkened(body, &["pve2".to_owned()]).unwrap()).unwrap();
        assert_eq!(dark["data"][0]["cpu"], 0.5);
        assert_eq!((&dark["data"][1]["status"], &dark["data"][1]["mem"]), (&Value::from("unknown"), &Value::Null));
        assert_eq!(dark["data"][2]["status"], "offline");
        assert_eq!(darkened(b"", &[]), None);
    }

    #[test]
    fn a_nodes_paths_are_known() {
        assert_eq!(node_of("/api2/json/nodes/pve2/lxc"), Some("pve2"));
        assert_eq!(node_of("/api2/json/nodes/pve2"), Some("pve2"));
        assert_eq!(node_of("/api2/json/nodes"), None);
        assert!(is_list("/api2/json/nodes") && !is_list("/api2/json/nodes/pve2"));
    }
}
