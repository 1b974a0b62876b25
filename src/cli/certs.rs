//! `nudge certs`: the root and the certificate under which old clients are served.

use super::failure::Failure;
use super::print;
use crate::dirs;
use crate::server::certificates::{self, CertificateOptions, Certificates};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Where certificates are.
#[derive(Debug, Args)]
#[command(next_help_heading = "Certificates")]
pub(super) struct Place {
    /// The folder of certificates [default: ./certs if it is there, else in the user's data folder]
    #[arg(long, value_name = "DIR")]
    pub(super) certs: Option<PathBuf>,
}

impl Place {
    /// The folder.
    pub(super) fn dir(&self) -> PathBuf {
        dirs::choose(self.certs.as_deref(), "certs")
    }
}

/// Which certificates, and what they are like.
#[derive(Debug, Args)]
#[command(next_help_heading = "Certificates")]
pub(super) struct Certs {
    #[command(flatten)]
    pub(super) place: Place,
    /// Serve login.live.com, msnia.login.live.com and storage.live.com too, which clients that sign in by SSO need. Real
    /// sign-ins on a machine with those hosts lines will break
    #[arg(long)]
    pub(super) login_live: bool,
    /// Make the root without name constraints, for a system that refuses a root with them: Mac OS X up to about 10.10,
    /// and Windows XP SP3
    #[arg(long)]
    no_name_constraints: bool,
}

impl Certs {
    /// What is asked of them.
    pub(super) fn options(&self) -> CertificateOptions {
        CertificateOptions {
            name_constraints: !self.no_name_constraints,
            login_live: self.login_live,
            sha1: false,
        }
    }
}

/// What is done with them.
#[derive(Debug, Subcommand)]
pub(super) enum CertsCommand {
    /// Make a root and a leaf
    Init {
        #[command(flatten)]
        certs: Certs,
        /// Even where there is a root already: every client has to be told to trust the new one
        #[arg(long)]
        force: bool,
        /// Sign with SHA-1, for systems that verify nothing newer: Windows before XP SP3, Mac OS X before 10.5
        #[arg(long)]
        sha1: bool,
    },
    /// Say what there is
    Show {
        #[command(flatten)]
        place: Place,
    },
    /// Write the root to standard output, PEM
    Export {
        #[command(flatten)]
        place: Place,
        /// DER instead of PEM
        #[arg(long)]
        der: bool,
    },
}

/// Makes, shows or exports them.
pub(super) fn run(what: &CertsCommand) -> Result<(), Failure> {
    let (CertsCommand::Init {
        certs: Certs { place, .. },
        ..
    }
    | CertsCommand::Show { place }
    | CertsCommand::Export { place, .. }) = what;
    let dir = place.dir();
    dirs::trusted(&dir, certificates::FILES).map_err(Failure::of)?;
    match what {
        CertsCommand::Init { certs, force, sha1 } => {
            let options = CertificateOptions {
                sha1: *sha1,
                ..certs.options()
            };
            let made = Certificates::init(&dir, &options, *force).map_err(Failure::of)?;
            print(made.describe().as_bytes())
        }
        CertsCommand::Show { .. } => {
            print(certificates::show(&dir).map_err(Failure::of)?.as_bytes())
        }
        CertsCommand::Export { der, .. } => {
            print(&certificates::export(&dir, *der).map_err(Failure::of)?)
        }
    }
}
