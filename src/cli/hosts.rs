//! `nudge hosts`: the lines for a hosts file.

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
    /// Also login.live.com, which breaks real sign-ins on that machine
    #[arg(long)]
    login_live: bool,
}

/// Prints them.
pub(super) fn run(arguments: HostsArgs) -> Result<(), String> {
    let addresses = if arguments.ip.is_empty() {
        hosts_file::own_addresses()
    } else {
        arguments.ip
    };
    print(hosts_file::hosts_lines(&addresses, arguments.login_live).as_bytes())
}
