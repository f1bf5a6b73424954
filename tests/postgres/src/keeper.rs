//! The shell that starts the server and ends it: it reads from a pipe whose other end only the test holds, and a
//! pipe's end closes when its process dies, be it by SIGKILL.

use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// PostgreSQL refuses to run as root; Debian's package made this user for it.
const USER: &str = "postgres";

/// `$1` the folder of PostgreSQL's programs, `$2` the folder of the cluster. It says when the server is ready.
const KEEP: &str = r#"
set -e
trap '' INT HUP TERM
cd "$2"
"$1/initdb" --pgdata data --username mint --auth trust --encoding UTF8 --locale C.UTF-8 --no-sync --no-instructions >initdb.log 2>&1
"$1/postgres" -D data -c listen_addresses= -c unix_socket_directories="$2" -c max_connections=200 >server.log 2>&1 &
server=$!
set +e
ready=
for _ in $(seq 1200); do
  kill -0 "$server" || break
  "$1/pg_isready" -q -h "$2" && { ready=1; echo ready; break; }
  sleep 0.1
done
[ "$ready" ] && read -r _
kill -QUIT "$server"
wait "$server"
cd /
rm -rf "$2"
"#;

/// Starts the shell as a user that may run PostgreSQL.
pub(crate) fn start(programs: &Path, folder: &Path) -> io::Result<Child> {
    let mut command = if rustix::process::geteuid().is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", USER, "--regid", USER, "--clear-groups", "--", "bash"]);
        command
    } else {
        Command::new("bash")
    };
    command.args(["-c", KEEP, "keep"]).arg(programs).arg(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()
}

/// Gives the folder to that user.
pub(crate) fn hand_over(folder: &Path) -> io::Result<()> {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let handed = Command::new("chown").arg(format!("{USER}:")).arg(folder).status()?;
    if handed.success() { Ok(()) } else { Err(io::Error::other(format!("there is no user {USER}"))) }
}
