//! The TLS context of a client: made once, and shared by every connection of the clients that have its configuration.

use openssl::ssl::{
    SslContext, SslMethod, SslOptions, SslSessionCacheMode, SslVerifyMode, SslVersion,
};
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;
use std::sync::{Arc, Mutex, PoisonError};

/// What the Mac offers at TLS 1.0, RSA key exchange with AES128-SHA first; the last two need the
/// `legacy` provider and are passed over without it.
const OLD_CIPHERS: &str = "AES128-SHA:AES256-SHA:DES-CBC3-SHA:RC4-SHA:RC4-MD5";

/// Whose certificates are good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Those that these roots (PEM) vouch for, and that name the host.
    Roots(Vec<u8>),
    /// Everyone's: the certificate is not looked at.
    Anyone,
}

/// The context that was made last, and what it was made for. Clones share it: reading roots and making a context takes
/// longer than a handshake.
#[derive(Clone, Default)]
pub struct Tls(Arc<Mutex<Option<(SslVersion, Trust, SslContext)>>>);

type MakeError = Box<dyn std::error::Error + Send + Sync>;

impl Tls {
    pub(super) fn context(
        &self,
        newest: SslVersion,
        trust: &Trust,
    ) -> Result<SslContext, MakeError> {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, _, context)) = made
            .as_ref()
            .filter(|(version, whom, _)| *version == newest && whom == trust)
        {
            return Ok(context.clone());
        }
        let context = make(newest, trust)?;
        *made = Some((newest, trust.clone(), context.clone()));
        Ok(context)
    }
}

fn make(newest: SslVersion, trust: &Trust) -> Result<SslContext, MakeError> {
    let mut builder = SslContext::builder(SslMethod::tls_client())?;
    builder.set_security_level(0);
    builder.set_min_proto_version(Some(SslVersion::TLS1))?;
    builder.set_max_proto_version(Some(newest))?;
    builder.set_cipher_list(if newest == SslVersion::TLS1 {
        OLD_CIPHERS
    } else {
        "DEFAULT:@SECLEVEL=0"
    })?;
    builder.set_session_cache_mode(SslSessionCacheMode::OFF);
    builder.set_options(
        SslOptions::NO_TICKET | SslOptions::NO_COMPRESSION | SslOptions::IGNORE_UNEXPECTED_EOF,
    );
    match trust {
        Trust::Anyone => builder.set_verify(SslVerifyMode::NONE),
        Trust::Roots(pem) => {
            let mut store = X509StoreBuilder::new()?;
            let roots = X509::stack_from_pem(pem)?;
            if roots.is_empty() {
                return Err("there is no certificate in the roots to trust".into());
            }
            for root in roots {
                store.add_cert(root)?;
            }
            builder.set_cert_store(store.build());
            builder.set_verify(SslVerifyMode::PEER);
        }
    }
    Ok(builder.build())
}
