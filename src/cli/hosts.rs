//! `nudge hosts`: the lines for a hosts file.

use super::failure::Failure;
use super::print;
use crate::msnp::Address;
use crate::server::doors::Addresses;
use crate::server::hosts_file;
use clap::Args;
use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// Whose lines.
#[derive(Debug, Args)]
pub(super) struct HostsArgs {
    /// The address to name [default: the one at which `nudge` listens when it is started so: loopback, for a client on this
    /// machine]
    #[arg(long, value_name = "ADDR")]
    ip: Vec<IpAddr>,
    /// This machine's own address, for clients on other machines of a `nudge --lan`
    #[arg(long)]
    lan: bool,
    /// The address of a `nudge --notification HOST:PORT`
    #[arg(long, value_name = "HOST:PORT")]
    notification: Vec<Address>,
    /// A configuration file [default: config.toml in the user's configuration folder, if it is there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Also login.live.com, msnia.login.live.com and storage.live.com, which breaks real sign-ins on that machine
    #[arg(long)]
    login_live: bool,
    /// End lines as Windows does
    #[arg(long)]
    windows: bool,
}

impl HostsArgs {
    /// Where clients reach a service that listens there: this machine's own addresses, where it listens on every interface.
    fn addresses(&self) -> Result<Vec<IpAddr>, Failure> {
        if !self.ip.is_empty() {
            return Ok(self.ip.clone());
        }
        let doors: Vec<SocketAddr> = match (self.lan, self.notification.as_slice()) {
            (_, given @ [_, ..]) => {
                let found: Result<_, _> = given.iter().map(|address| address.find(0)).collect();
                found.map_err(|error| format!("--notification: {error}"))?
            }
            (true, _) => Addresses::lan().notification,
            (false, _) => Addresses::loopback().notification,
        };
        if doors.iter().any(|door| door.ip().is_unspecified()) {
            return Ok(hosts_file::own_addresses());
        }
        let mut addresses: Vec<IpAddr> = doors.iter().map(SocketAddr::ip).collect();
        addresses.dedup();
        Ok(addresses)
    }
}

/// Prints them.
pub(super) fn run(arguments: &HostsArgs) -> Result<(), Failure> {
    let addresses = arguments.addresses()?;
    if arguments.lan && arguments.ip.is_empty() && addresses.iter().all(IpAddr::is_loopback) {
        let text = "nudge: this machine has no address but loopback: --ip ADDR names the one that clients reach";
        let _ = writeln!(std::io::stderr(), "{text}");
    }
    let mut lines = hosts_file::hosts_lines(&addresses, arguments.login_live);
    if arguments.windows {
        lines = hosts_file::for_windows(&lines);
    }
    print(lines.as_bytes())
}
