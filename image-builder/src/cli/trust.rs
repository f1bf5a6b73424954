//! Whose signatures count, and who signs: the arguments that many verbs share.

use std::path::PathBuf;

use clap::Args;
use spec::release::seal::AllowedSigners;

use super::catalog_dir::CatalogArguments;
use super::node::NodeArguments;
use crate::signing::{KeySource, Signatory, read_signers};

/// Whose signatures count.
#[derive(Debug, Clone, Args)]
pub(crate) struct SignersArguments {
    /// Who may sign what: an OpenSSH allowed_signers file
    #[arg(long, value_name = "FILE", env = "MINTMARK_SIGNERS", default_value = "/etc/mintmark/allowed_signers")]
    pub(crate) signers: PathBuf,
}

/// Who signs.
#[derive(Debug, Clone, Args)]
pub(crate) struct SignerArguments {
    /// The key that signs: a private key's path, agent:FINGERPRINT, agent:COMMENT, or credential:NAME
    #[arg(long, value_name = "KEY", env = "MINTMARK_KEY")]
    pub(crate) key: KeySource,
    #[command(flatten)]
    pub(crate) signers: SignersArguments,
}

/// Which release is signed for, by whom.
#[derive(Debug, Args)]
pub(crate) struct SignedRelease {
    /// NAME, NAME@RELEASE, a volume id, or the path of a manifest
    #[arg(value_name = "REF")]
    pub(crate) reference: String,
    #[command(flatten)]
    pub(crate) node: NodeArguments,
    #[command(flatten)]
    pub(crate) signer: SignerArguments,
    #[command(flatten)]
    pub(crate) catalog: CatalogArguments,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

impl SignersArguments {
    /// The file, read.
    pub(crate) fn read(&self) -> anyhow::Result<AllowedSigners> {
        Ok(read_signers(&self.signers)?)
    }
}

impl SignerArguments {
    /// The key's holder.
    pub(crate) fn signatory(&self) -> anyhow::Result<Signatory> {
        Ok(Signatory::new(&self.key, self.signers.read()?)?)
    }
}
