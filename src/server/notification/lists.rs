//! The commands about lists from MSNP13 on: ADL, RML and FQY. The lists themselves are the address book's.

use super::commands::Command;
use super::session::{Output, Session, Surroundings, finding, refuse};
use crate::event::Severity;
use crate::msnp::adl;

impl Session {
    /// ADL and RML. The lists themselves are the address book's; what is told here is only checked.
    pub(super) fn lists(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        match adl::read(c.payload) {
            Ok(list) => {
                for entry in &list.entries {
                    if entry.lists.is_none_or(|l| l.0 == 0 || l.0 > 31) {
                        out.push(finding(
                            "list-bits",
                            Severity::Warning,
                            format!("{} l", c.verb),
                            format!("{} is put on no list that exists", entry.account),
                        ));
                    }
                }
                out.push(Output::Send(
                    format!("{} {} OK\r\n", c.verb, c.transaction).into(),
                ));
            }
            Err(error) => refuse(
                error.code(),
                Some(c.transaction),
                "list-payload",
                format!("{} payload", c.verb),
                error.to_string(),
                out,
            ),
        }
    }

    /// FQY: which network is this account on? Every one is on Passport here. MSNP14 and above.
    pub(super) fn query(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        match adl::read(c.payload) {
            Ok(list) => {
                let mut xml = String::from("<ml>");
                for entry in &list.entries {
                    let (user, domain) = entry
                        .account
                        .rsplit_once('@')
                        .unwrap_or((&entry.account, ""));
                    let (user, domain) = (
                        quick_xml::escape::escape(user),
                        quick_xml::escape::escape(domain),
                    );
                    xml.push_str(&format!("<d n=\"{domain}\"><c n=\"{user}\" t=\"1\" /></d>"));
                }
                xml.push_str("</ml>");
                out.push(Output::Send(
                    format!("FQY {} {}\r\n{xml}", c.transaction, xml.len()).into(),
                ));
            }
            Err(error) => refuse(
                error.code(),
                Some(c.transaction),
                "list-payload",
                "FQY payload",
                error.to_string(),
                out,
            ),
        }
    }
}
