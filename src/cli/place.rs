//! Where the service is that a client or a recording is played against.

use super::failure::Failure;
use crate::msnp::Address;
use crate::replay::Web;
use clap::Args;

/// The addresses of a service.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// Where the notification service is; a real host only if it is named here
    #[arg(long, value_name = "HOST:PORT", value_parser = Address::remote, default_value = "127.0.0.1:1863")]
    pub(super) notification: Address,
    /// Where Passport and SOAP are, over TLS [default: 127.0.0.1:8443; of another machine port 443]
    #[arg(long, value_name = "HOST:PORT", value_parser = Address::remote)]
    https: Option<Address>,
    /// The same in the clear
    #[arg(long, value_name = "HOST:PORT", value_parser = Address::remote, conflicts_with = "https")]
    http: Option<Address>,
}

impl Place {
    /// The notification service as `host:port`.
    pub(super) fn notification(&self) -> String {
        self.notification.with_port(1863)
    }

    /// Where Passport and SOAP are, if that was said.
    pub(super) fn web(&self) -> Result<Option<Web>, Failure> {
        let web = match (&self.https, &self.http) {
            (Some(address), _) => address.find(443).map(Web::Https),
            (None, Some(address)) => address.find(80).map(Web::Http),
            (None, None) => return Ok(None),
        };
        web.map(Some).map_err(Failure::of)
    }
}
