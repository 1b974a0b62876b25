//! `nudge hosts`: the lines for a hosts file.

use super::failure::Failure;
use super::print;
use crate::server::hosts_file;
use clap::Args;
use std::net::IpAddr;

/// Whose lines.
#[derive(Debug, Args)]
pub(super) struct HostsArgs {
    /// The address to name [default: this machine's own]
    #[arg(long, value_name = "ADDR")]
    ip: Vec<IpAddr>,
    /// Also login.live.com, msnia.login.live.com and storage.live.com, which breaks real sign-ins on that machine
    #[arg(long)]
    login_live: bool,
    /// End lines as Windows does
    #[arg(long)]
    windows: bool,
}

/// Prints them.
pub(super) fn run(arguments: HostsArgs) -> Result<(), Failure> {
    let addresses = if arguments.ip.is_empty() {
        hosts_file::own_addresses()
    } else {
        arguments.ip
    };
    let mut lines = hosts_file::hosts_lines(&addresses, arguments.login_live);
    if arguments.windows {
        lines = hosts_file::for_windows(&lines);
    }
    print(lines.as_bytes())
}
