//! The guest's own programs that a boot starts: the one place in this crate that starts any.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::keys::KeyAlgorithm;

const SSH_KEYGEN: &str = "/usr/bin/ssh-keygen";
const MAKE_SSL_CERT: &str = "/usr/sbin/make-ssl-cert";

/// A host key to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRequest {
    /// Its type.
    pub algorithm: KeyAlgorithm,
    /// The comment of its public half: `root@` and the guest's name, as ssh-keygen itself would write.
    pub comment: String,
}

/// A host key that was made.
pub struct NewKey {
    /// Content of the private key file.
    pub private: Vec<u8>,
    /// Content of the `.pub` file.
    pub public: Vec<u8>,
}

/// What a boot needs others for.
pub trait GuestPrograms {
    /// Makes keys, in the order of the requests.
    fn make_keys(&self, requests: &[KeyRequest]) -> Result<Vec<NewKey>, ProgramError>;
    /// Makes a new snake-oil key and certificate in their places.
    fn make_snakeoil(&self) -> Result<(), ProgramError>;
    /// Signs some bytes with a private key file, in OpenSSH's `sshsig` form; the armoured signature.
    fn sign(&self, key: &Path, namespace: &str, message: &[u8]) -> Result<String, ProgramError>;
    /// Runs a program to its end.
    fn run(&self, run: &ProgramRun) -> Result<(), ProgramError>;
    /// Draws random bytes.
    fn random(&self, bytes: &mut [u8]) -> Result<(), ProgramError>;
}

/// A program to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramRun {
    /// Its path in the guest.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// User and group that it runs as; root where there is none.
    pub user: Option<(u32, u32)>,
}

/// A program of the guest that could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It could not be started.
    #[error("cannot start {program}")]
    Start {
        /// The program.
        program: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It ended with a failure.
    #[error("{program} ended with {status}: {stderr}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it said.
        stderr: String,
    },
    /// The kernel gave no random bytes.
    #[error("cannot draw random bytes")]
    Random(#[source] io::Error),
    /// The private directory for new keys failed.
    #[error("cannot {action} the private directory {path:?}")]
    Directory {
        /// What was tried.
        action: &'static str,
        /// The directory or file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// The programs installed on this machine.
#[derive(Debug)]
pub struct Programs {
    scratch: PathBuf,
}

impl Programs {
    /// Programs that make keys below `scratch`, which should be in memory (`/run`): what is never written to disk
    /// need not be erased from it.
    pub fn with_scratch(scratch: impl Into<PathBuf>) -> Self {
        Self { scratch: scratch.into() }
    }
}

impl GuestPrograms for Programs {
    /// All at once: the RSA key takes longer than all others together.
    fn make_keys(&self, requests: &[KeyRequest]) -> Result<Vec<NewKey>, ProgramError> {
        let directory = PrivateDirectory::make(&self.scratch)?;
        let started: Vec<(PathBuf, Child)> = requests
            .iter()
            .enumerate()
            .map(|(index, request)| {
                let path = directory.path.join(index.to_string());
                Ok((path.clone(), start(&of_root(SSH_KEYGEN, keygen_arguments(request, &path)))?))
            })
            .collect::<Result<_, ProgramError>>()?;
        let made = started.into_iter().map(|(path, child)| {
            finish(SSH_KEYGEN, child)?;
            Ok(NewKey { private: taken(&path)?, public: taken(&path.with_extension("pub"))? })
        });
        made.collect()
    }

    fn make_snakeoil(&self) -> Result<(), ProgramError> {
        let arguments = ["generate-default-snakeoil", "--force-overwrite"].map(str::to_owned);
        self.run(&of_root(MAKE_SSL_CERT, arguments.into()))
    }

    fn sign(&self, key: &Path, namespace: &str, message: &[u8]) -> Result<String, ProgramError> {
        let directory = PrivateDirectory::make(&self.scratch)?;
        let path = directory.path.join("statement");
        let failed = |source| ProgramError::Directory { action: "write into", path: path.clone(), source };
        fs::write(&path, message).map_err(failed)?;
        let (key, file) = (key.to_string_lossy(), path.to_string_lossy());
        let arguments = ["-Y", "sign", "-q", "-n", namespace, "-f", &*key, &*file].map(str::to_owned);
        self.run(&of_root(SSH_KEYGEN, arguments.into()))?;
        Ok(String::from_utf8_lossy(&taken(&path.with_extension("sig"))?).into_owned())
    }

    fn run(&self, run: &ProgramRun) -> Result<(), ProgramError> {
        finish(&run.program, start(run)?)
    }

    fn random(&self, bytes: &mut [u8]) -> Result<(), ProgramError> {
        let mut drawn = 0;
        while drawn < bytes.len() {
            let more = rustix::rand::getrandom(&mut bytes[drawn..], rustix::rand::GetRandomFlags::empty());
            drawn += more.map_err(|errno| ProgramError::Random(errno.into()))?;
        }
        Ok(())
    }
}

fn keygen_arguments(request: &KeyRequest, path: &Path) -> Vec<String> {
    let path = path.to_string_lossy().into_owned();
    let mut arguments: Vec<String> = ["-q", "-t", request.algorithm.word()].map(str::to_owned).into();
    if request.algorithm == KeyAlgorithm::Rsa {
        arguments.extend(["-b", "3072"].map(str::to_owned));
    }
    arguments.extend(["-N", "", "-C", request.comment.as_str(), "-f", path.as_str()].map(str::to_owned));
    arguments
}

fn of_root(program: &str, arguments: Vec<String>) -> ProgramRun {
    ProgramRun { program: program.to_owned(), arguments, user: None }
}

fn start(run: &ProgramRun) -> Result<Child, ProgramError> {
    let mut command = Command::new(&run.program);
    if let Some((user, group)) = run.user {
        command.uid(user).gid(group);
    }
    command
        .args(&run.arguments)
        .current_dir("/")
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| ProgramError::Start { program: run.program.clone(), source })
}

fn finish(program: &str, child: Child) -> Result<(), ProgramError> {
    let output =
        child.wait_with_output().map_err(|source| ProgramError::Start { program: program.to_owned(), source })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let stderr = said.trim().chars().rev().take(400).collect::<Vec<_>>().into_iter().rev().collect();
    Err(ProgramError::Failed { program: program.to_owned(), status: output.status, stderr })
}

fn taken(path: &Path) -> Result<Vec<u8>, ProgramError> {
    fs::read(path).map_err(|source| ProgramError::Directory { action: "read from", path: path.to_owned(), source })
}

/// A directory that only root enters and that goes with its content when it is dropped.
struct PrivateDirectory {
    path: PathBuf,
}

impl PrivateDirectory {
    fn make(parent: &Path) -> Result<Self, ProgramError> {
        let path = parent.join(format!("mintmark-firstboot.{}", std::process::id()));
        let failed = |action, source| ProgramError::Directory { action, path: path.clone(), source };
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed("clear", error)),
            _ => {}
        }
        fs::DirBuilder::new().mode(0o700).create(&path).map_err(|error| failed("make", error))?;
        Ok(Self { path })
    }
}

impl Drop for PrivateDirectory {
    fn drop(&mut self) {
        // In memory, and gone with the guest's next stop at the latest.
        let _ = fs::remove_dir_all(&self.path);
    }
}
