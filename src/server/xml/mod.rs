//! Envelopes of XML, read without trusting them and written: for SOAP, and for Passport's tokens.

pub(crate) mod read;
pub(crate) mod write;
