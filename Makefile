# Thin over cargo. `make help` lists the verbs.
#
# Everything that runs containers needs root: the Makefile uses sudo where it is not root already.

SHELL := /bin/bash
.DEFAULT_GOAL := help
SUDO := $(if $(filter 0,$(shell id -u)),,sudo --preserve-env=PATH,HOME,CARGO_HOME,RUSTUP_HOME)
MUSL := x86_64-unknown-linux-musl
TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
FIRSTBOOT := $(TARGET_DIR)/$(MUSL)/firstboot/firstboot
BIN := $(TARGET_DIR)/debug
CLIENTS := $(TARGET_DIR)/clients

# What the programs, the containers and the build take from Debian; ca-certificates and git come with cargo's own needs.
PACKAGES := build-essential pkg-config ca-certificates curl \
	lxc uidmap lxcfs mmdebstrap debian-archive-keyring dnsmasq-base iptables iproute2 e2fsprogs util-linux \
	zstd tar b3sum acl attr openssh-client procps mount btrfs-progs rsync python3-venv postgresql chromium systemd

.PHONY: help setup build clients demo demo-clean test test-quick test-matrix crash-matrix conformance bench corpora check clean

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is needed from Debian's packages and add the musl target (idempotent)
	@missing=""; for p in $(PACKAGES); do dpkg-query -W -f='$${db:Status-Status}' $$p 2>/dev/null | grep -qx installed || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then echo "installing:$$missing"; \
	  if ! dpkg-query -W postgresql-common >/dev/null 2>&1; then $(SUDO) mkdir -p /etc/postgresql-common/createcluster.d; \
	    echo "create_main_cluster = false" | $(SUDO) tee /etc/postgresql-common/createcluster.d/mintmark.conf >/dev/null; fi; \
	  $(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; fi
	@command -v cargo >/dev/null || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq rustup && rustup default stable; }
	@rustup target list --installed | grep -qx $(MUSL) || rustup target add $(MUSL)

build: setup ## build the programs, and `firstboot` as a static binary
	cargo build --workspace --bins --locked
	cargo build --locked --package firstboot-unit --bin firstboot --profile firstboot --target $(MUSL)
	@stat --printf='firstboot: %s bytes, static\n' $(FIRSTBOOT)

clients: $(CLIENTS)/.made ## proxmoxer and Ansible from PyPI, to be tried against the embedded node

$(CLIENTS)/.made: tests/clients/requirements.txt
	python3 -m venv $(CLIENTS)
	$(CLIENTS)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

demo: build ## recipe → golden → three customers → audit, on real containers
	$(SUDO) $(BIN)/mintmark-demo run

demo-clean: build ## remove every guest, bridge, loop device and file that the demo made
	$(SUDO) $(BIN)/mintmark-demo clean

test: build clients ## all tests, containers included; ends with one line that counts passed, failed and skipped
	$(SUDO) $(BIN)/mintmark-tests all

test-quick: build ## the tests that need neither root nor containers
	$(BIN)/mintmark-tests quick

test-matrix: build ## real packages of Debian's archive, from golden to guest; GOLDENS="data mail" for some (network, about 6 minutes)
	@$(SUDO) $(BIN)/mintmark-matrix $(GOLDENS) || test $$? -eq 3

crash-matrix: build ## the agent killed at every moment of every step, on real containers; CELLS="restore undo" for some, LEDGER=sqlite,postgres (an hour and more)
	$(SUDO) $(BIN)/mintmark-crash run $(addprefix --ledger=,$(LEDGER)) $(CELLS)

# What may be said of a target, and of the embedded node.
SAID := TARGET TOKEN FINGERPRINT NODE STORAGE STORAGE2 BTRFS TEMPLATE BRIDGE BRIDGE2 VMIDS STATE SUBNET LISTEN TEMPLATE_FILE

conformance: setup ## Proxmox's recorded answers against the embedded node, or a true one: TARGET=https://host:8006 TOKEN=…
	cargo build --locked --package pve-node --package e2e --bins
	$(SUDO) env $(foreach name,$(SAID),$(if $($(name)),$(name)='$($(name))')) $(BIN)/mintmark-conformance $(SCENARIOS)

bench: build ## times beside Proxmox's recorded ones and beside the same work by hand, and whole provisions (about 6 minutes)
	cargo build --locked --release --package image-builder
	$(SUDO) $(BIN)/mintmark-bench

corpora: ## how many rows of each recorded corpus are answered as Proxmox does
	@cargo test --quiet --locked --package spec --test pct_corpus --package pve-wire --test schema_corpus --test upid_corpus --test api_schema -- --nocapture \
	  | grep -oE "[a-z0-9][^ ]* .*Proxmox.*"

check: setup ## formatting, lints, documentation, licences
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --locked --quiet
	@if command -v cargo-deny >/dev/null; then cargo deny check licenses bans sources; else echo "cargo-deny is not installed: licences and bans were not checked"; fi

clean: ## remove what cargo built
	cargo clean
