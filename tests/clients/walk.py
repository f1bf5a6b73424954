"""proxmoxer against a node: every call that a script of its users makes, and what it must answer.

Told by the environment: NODE_HOST, NODE_PORT, NODE_CA, TOKEN_ID (user@realm!name), TOKEN_SECRET, ARCHIVE (a volume id),
BRIDGE, VMID. Whatever it makes it removes.
"""

import os
import time

from proxmoxer import ProxmoxAPI
from proxmoxer.core import ResourceException
from proxmoxer.tools import Tasks


def env(name):
    return os.environ[name]


user, token = env("TOKEN_ID").split("!")
api = ProxmoxAPI(
    env("NODE_HOST"),
    port=int(env("NODE_PORT")),
    user=user,
    token_name=token,
    token_value=env("TOKEN_SECRET"),
    verify_ssl=env("NODE_CA"),
)
vmid = int(env("VMID"))
archive = env("ARCHIVE")
storage = archive.split(":")[0]


def step(name):
    print("walk:", name, flush=True)


def finished(upid, allowed=("OK",)):
    """Waits for a task by proxmoxer's own tool and gives its end back."""
    status = Tasks.blocking_status(api, upid, timeout=180, polling_interval=0.2)
    assert status is not None, f"{upid} did not end"
    assert status["exitstatus"] in allowed, Tasks.decode_log(node.tasks(upid).log.get(limit=0))
    assert Tasks.decode_upid(upid)["node"] == node_name
    return status


def refused(call, status, text):
    try:
        call()
    except ResourceException as error:
        assert error.status_code == status, error
        assert text in f"{error.status_message} {error.content} {error.errors}", error
    else:
        raise AssertionError(f"{text!r} was expected, and nothing was refused")


def until(what, look):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"{what} did not happen within 60 s")


step("version")
assert api.version.get()["release"].split(".")[0] in ("8", "9")

step("nodes and storages")
node_name = api.nodes.get()[0]["node"]
node = api.nodes(node_name)
assert any(row["storage"] == storage and row["active"] == 1 for row in node.storage.get())
assert node.storage(storage).status.get()["total"] > 0
volumes = [row["volid"] for row in node.storage(storage).content.get(content="backup")]
assert archive in volumes, volumes
assert "rootfs" in node.vzdump.extractconfig.get(volume=archive)

step("a number that is free")
assert api.cluster.nextid.get(vmid=vmid) == str(vmid)

step("restore")
net0 = f"name=eth0,bridge={env('BRIDGE')},hwaddr=BC:24:11:0A:0B:0C,ip=dhcp"
upid = node.lxc.create(
    vmid=vmid, ostemplate=archive, restore=1, storage=storage, hostname="walked", unprivileged=1, net0=net0, onboot=0
)
finished(upid, ("OK", "WARNINGS: 1"))
refused(lambda: node.lxc.create(vmid=vmid, ostemplate=archive, restore=1), 500, "already exists")
refused(lambda: api.cluster.nextid.get(vmid=vmid), 400, "already exists")

guest = node.lxc(vmid)
try:
    step("configuration")
    config = guest.config.get()
    assert config["hostname"] == "walked" and "BC:24:11:0A:0B:0C" in config["net0"], config
    assert guest.config.put(memory=384, description="walked\nthrough", digest=config["digest"]) is None
    changed = guest.config.get()
    assert changed["memory"] == 384 and changed["description"].rstrip("\n") == "walked\nthrough", changed
    refused(lambda: guest.config.put(memory=256, digest=config["digest"]), 500, "detected modified configuration")
    refused(lambda: guest.config.put(memory=1), 400, "value must have a minimum value of 16")

    step("start")
    finished(guest.status.start.post(), ("OK", "WARNINGS: 1"))
    current = guest.status.current.get()
    assert current["status"] == "running" and current["vmid"] == vmid, current

    step("interfaces")

    def address():
        rows = guest.interfaces.get() or []
        eth0 = [row for row in rows if row["name"] == "eth0"]
        return eth0 and eth0[0].get("inet")

    assert "/" in until("an address", address)
    assert any(row["vmid"] == vmid and row["status"] == "running" for row in node.lxc.get())

    step("tasks")
    rows = node.tasks.get(vmid=vmid, source="all")
    assert {"vzrestore", "vzstart"} <= {row["type"] for row in rows}, rows
    log = node.tasks(upid).log.get(limit=0)
    assert log[-1]["t"].startswith("TASK "), log

    step("stop")
    finished(guest.status.stop.post())
    assert guest.status.current.get()["status"] == "stopped"

    step("vzdump")
    before = {row["volid"] for row in node.storage(storage).content.get(content="backup", vmid=vmid)}
    finished(node.vzdump.post(vmid=vmid, storage=storage, mode="stop", compress="zstd", remove=0))
    after = {row["volid"] for row in node.storage(storage).content.get(content="backup", vmid=vmid)}
    (made,) = after - before
    assert "hostname: walked" in node.vzdump.extractconfig.get(volume=made)
    removal = node.storage(storage).content(made).delete()
    if removal:
        finished(removal)
    assert made not in {row["volid"] for row in node.storage(storage).content.get(content="backup")}
finally:
    step("destroy")
    if guest.status.current.get()["status"] == "running":
        finished(guest.status.stop.post())
    finished(guest.delete(purge=1))

refused(lambda: guest.config.get(), 500, "does not exist")
print("walk: done")
