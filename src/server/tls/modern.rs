//! rustls: TLS 1.2 and 1.3 as today's clients speak them.

use super::TlsError;
use crate::server::certificates::Certificates;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// What ALPN is answered with: a browser of today would speak HTTP/2 otherwise.
const HTTP1: &[u8] = b"http/1.1";

/// An acceptor that serves the leaf to whatever host is asked for.
pub(super) fn acceptor(certificates: &Certificates) -> Result<TlsAcceptor, TlsError> {
    let chain = vec![CertificateDer::from(certificates.leaf().to_der()?)];
    let key = PrivatePkcs8KeyDer::from(certificates.leaf_key().private_key_to_pkcs8()?);
    let mut config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, PrivateKeyDer::Pkcs8(key))?;
    config.alpn_protocols = vec![HTTP1.to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
