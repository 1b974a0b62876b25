//! OpenSSL 3.x, opened as far as it goes: SSL 3.0 to TLS 1.2 for clients of the 2000s, the SSLv2-format
//! hello included, which no other library at hand still reads. The best that a client offers is agreed on, so that
//! SSL 3.0 is for those alone that offer nothing better.
//!
//! This is not a secure context, and is not meant to be: what is said over it is a fake service's.

use super::TlsError;
use crate::server::certificates::Certificates;
use openssl::provider::Provider;
use openssl::ssl::{SslContext, SslMethod, SslOptions, SslVersion};
use std::sync::OnceLock;

/// RSA key exchange first: it is what such clients know best, and an SSLv2-format hello, having no
/// extensions, names no curves. Names that the library does not have are passed over.
const SUITES: &str = "AES128-SHA:AES256-SHA:DES-CBC3-SHA:RC4-SHA:RC4-MD5:\
    AES128-SHA256:AES256-SHA256:AES128-GCM-SHA256:AES256-GCM-SHA384:\
    ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA:ECDHE-RSA-DES-CBC3-SHA:ECDHE-RSA-RC4-SHA:\
    ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA384:\
    ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:@SECLEVEL=0";

/// The most TLS sessions that are kept for clients that resume one.
const SESSIONS: i32 = 1024;

struct Providers {
    // Loading `legacy` turns off the default provider that is otherwise implied, so both are loaded,
    // and kept for as long as the process lives.
    _default: Option<Provider>,
    legacy: Option<Provider>,
}

static PROVIDERS: OnceLock<Providers> = OnceLock::new();

/// Loads OpenSSL's `legacy` provider, where RC4 lives, once a process. `false` where this OpenSSL has none: then
/// everything but RC4 is served.
fn load_providers() -> bool {
    PROVIDERS
        .get_or_init(|| Providers {
            _default: Provider::load(None, "default").ok(),
            legacy: Provider::try_load(None, "legacy", true).ok(),
        })
        .legacy
        .is_some()
}

/// The context, with SSL 3.0 where that is wanted, and what has to be said of this OpenSSL.
pub(super) fn context(
    certificates: &Certificates,
    ssl3: bool,
) -> Result<(SslContext, Option<String>), TlsError> {
    let has_legacy = load_providers();
    let mut context = SslContext::builder(SslMethod::tls_server())?;
    context.set_security_level(0);
    let oldest = if ssl3 {
        SslVersion::SSL3
    } else {
        SslVersion::TLS1
    };
    context.set_min_proto_version(Some(oldest))?;
    context.set_max_proto_version(Some(SslVersion::TLS1_2))?;
    context.set_cipher_list(SUITES)?;
    // `ALL` is the work-arounds that servers of that time had on, the one among them that sends no
    // empty record before the first: some clients of that time took it for the end.
    context.set_options(
        SslOptions::ALL
            | SslOptions::NO_COMPRESSION
            | SslOptions::NO_RENEGOTIATION
            | SslOptions::CIPHER_SERVER_PREFERENCE
            | SslOptions::IGNORE_UNEXPECTED_EOF,
    );
    if ssl3 {
        // OpenSSL sets it by itself.
        context.clear_options(SslOptions::NO_SSLV3);
    }
    context.set_session_id_context(b"nudge")?;
    context.set_session_cache_size(SESSIONS);
    context.set_certificate(certificates.leaf())?;
    context.set_private_key(certificates.leaf_key())?;
    context.check_private_key()?;
    // Any name is served; without a callback OpenSSL forgets which one it was.
    context.set_servername_callback(|_, _| Ok(()));
    let missing: Vec<&str> = [
        (!has_legacy || !has("RC4-SHA")).then_some("RC4"),
        (!has("DES-CBC3-SHA")).then_some("3DES"),
        (ssl3 && !has_ssl3()).then_some("SSL 3.0"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let notice = (!missing.is_empty()).then(|| {
        format!(
            "{} has no {}: clients that know nothing better are refused; the vendored OpenSSL has it",
            openssl::version::version(),
            missing.join(" and no ")
        )
    });
    Ok((context.build(), notice))
}

/// Whether the library has SSL 3.0 at all.
fn has_ssl3() -> bool {
    SslContext::builder(SslMethod::tls_server())
        .is_ok_and(|mut probe| probe.set_max_proto_version(Some(SslVersion::SSL3)).is_ok())
}

/// Whether the library knows a suite at all.
fn has(suite: &str) -> bool {
    SslContext::builder(SslMethod::tls_server()).is_ok_and(|mut probe| {
        probe.set_security_level(0);
        probe
            .set_cipher_list(&format!("{suite}:@SECLEVEL=0"))
            .is_ok()
    })
}
