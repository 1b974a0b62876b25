//! What is told of a request over HTTP.

use super::table::{Bad, Form, Is, Kept, Serializer, Sink, Source, Texts, Told, show_bytes};
use super::text::write_duration;
use super::{Masked, Service};
use std::fmt::{self, Write as _};
use std::time::Duration;

fields! {
    /// A request and its answer over HTTP.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct HttpExchange {
        /// By which service.
        pub service: Service,
        /// The method.
        pub method: String,
        /// The target, as written.
        pub target: String as Said,
        /// The Host header.
        pub host: Option<String>,
        /// What it is to nudge: `nexus`, `login`, `FindMembership`, `page`, `unknown` and so on.
        pub action: HttpAction,
        /// The account it is for, where that is known.
        pub account: Option<String>,
        /// The status of the answer.
        pub status: u16,
        /// The request: line, headers, body.
        pub request: Masked,
        /// The answer: line, headers, body.
        pub response: Masked,
        /// Microseconds from the request's last byte to the answer's first.
        pub duration "duration_us": Duration,
    }
}

impl Told for HttpExchange {
    fn tell(&self, out: &mut String) -> fmt::Result {
        write!(out, "{} ", self.method)?;
        // A secret in the target (a ticket in a query) is secret in the request's bytes.
        let at = self.method.len() + 1;
        let end = at + self.target.len();
        if self.request.bytes.get(at..end) == Some(self.target.as_bytes()) {
            let masked = self
                .request
                .secrets
                .mask(&self.request.bytes, at, end, false);
            out.push_str(&String::from_utf8_lossy(&masked));
        } else {
            out.push_str(&self.target);
        }
        if !self.action.name().is_empty() {
            write!(out, " {}", self.action)?;
        }
        write!(out, " → {}  ", self.status)?;
        write_duration(self.duration, out)
    }
}

macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $action:ident $name:literal;)*) => {
        /// What a request is to nudge. Its name, which is also its `Display`, is what JSON and recordings have.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum HttpAction {
            $($(#[doc = $doc])+ $action,)*
            /// One that this nudge does not know, as a recording names it.
            Other(String),
        }

        impl HttpAction {
            /// Those that this nudge knows.
            pub const KNOWN: &[HttpAction] = &[$(HttpAction::$action),*];

            /// Its name.
            pub fn name(&self) -> &str {
                match self {
                    $(HttpAction::$action => $name,)*
                    HttpAction::Other(name) => name,
                }
            }
        }

        impl From<&str> for HttpAction {
            fn from(name: &str) -> Self {
                match name {
                    $($name => HttpAction::$action,)*
                    _ => HttpAction::Other(name.to_owned()),
                }
            }
        }
    };
}

actions! {
    /// Where to log in: the Passport nexus.
    Nexus "nexus";
    /// A Passport login.
    Login "login";
    /// A Passport login without account and password, to be told where and how to log in.
    LoginProbe "login-probe";
    /// Tokens of `RST.srf`.
    Rst "RST";
    /// The configuration of Messenger.
    MsgrConfig "MsgrConfig";
    /// SOAP: the members of the lists.
    FindMembership "FindMembership";
    /// SOAP: a member is added to a list.
    AddMember "AddMember";
    /// SOAP: a member is taken from a list.
    DeleteMember "DeleteMember";
    /// SOAP: the members of one list.
    FindMembershipByRole "FindMembershipByRole";
    /// SOAP: the address book.
    AbFindAll "ABFindAll";
    /// SOAP: the address book, in pages.
    AbFindContactsPaged "ABFindContactsPaged";
    /// SOAP: these contacts of the address book.
    AbFindByContacts "ABFindByContacts";
    /// SOAP: an address book is made.
    AbAdd "ABAdd";
    /// SOAP: a contact is added.
    AbContactAdd "ABContactAdd";
    /// SOAP: a contact is changed.
    AbContactUpdate "ABContactUpdate";
    /// SOAP: a contact is deleted.
    AbContactDelete "ABContactDelete";
    /// SOAP: a group is added.
    AbGroupAdd "ABGroupAdd";
    /// SOAP: a group is renamed.
    AbGroupUpdate "ABGroupUpdate";
    /// SOAP: a group is deleted.
    AbGroupDelete "ABGroupDelete";
    /// SOAP: a contact is put into a group.
    AbGroupContactAdd "ABGroupContactAdd";
    /// SOAP: a contact is taken from a group.
    AbGroupContactDelete "ABGroupContactDelete";
    /// SOAP: favourites and the like, which nudge does not keep.
    UpdateDynamicItem "UpdateDynamicItem";
    /// SOAP: the client's own profile.
    GetProfile "GetProfile";
    /// SOAP: the client's own profile is changed.
    UpdateProfile "UpdateProfile";
    /// SOAP: the client's own profile is made.
    CreateProfile "CreateProfile";
    /// SOAP: which offline messages wait.
    GetMetadata "GetMetadata";
    /// SOAP: an offline message.
    GetMessage "GetMessage";
    /// SOAP: offline messages are deleted.
    DeleteMessages "DeleteMessages";
    /// SOAP: an offline message is left for somebody.
    Store "Store";
    /// SOAP that names no action.
    Soap "soap";
    /// MSNP over HTTP.
    Gateway "gateway";
    /// It is for another host, or for a tunnel.
    Proxy "proxy";
    /// The page of the service.
    Page "page";
    /// The root certificate.
    RootCertificate "root-certificate";
    /// Lines for a hosts file.
    Hosts "hosts";
    /// The icon of the page, which there is not.
    Favicon "favicon";
    /// The page that shows whether a machine is ready.
    Check "check";
    /// The picture by which that page knows.
    CheckPicture "check-picture";
    /// It was refused before it was known what it is.
    Refused "refused";
    /// Nothing is known at that place, or by that name.
    Unknown "unknown";
}

impl fmt::Display for HttpAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// In JSON it is escaped, since a recording may name any.
impl Form for HttpAction {
    type Of = HttpAction;
    const IS: Is = Is::Text;

    fn show<S: Serializer>(value: &HttpAction, _: bool, to: S) -> Result<S::Ok, S::Error> {
        show_bytes(value.name().as_bytes(), to)
    }
}

impl Kept for HttpAction {
    type Of = HttpAction;
    const LEAST: usize = String::LEAST;

    fn write(value: &HttpAction, to: &mut impl Sink) {
        to.text(value.name());
    }

    fn read(from: &mut impl Source) -> Result<HttpAction, Bad> {
        from.text().map(HttpAction::from)
    }

    fn texts(value: &mut HttpAction, each: &mut impl Texts) {
        if let HttpAction::Other(name) = value {
            each.text(name);
        }
    }

    fn heap(value: &HttpAction, allocated: impl Fn(usize) -> usize + Copy) -> usize {
        match value {
            HttpAction::Other(name) => String::heap(name, allocated),
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_read_back_from_its_name_and_any_other_name_is_kept() {
        for action in HttpAction::KNOWN {
            assert!(!matches!(action, HttpAction::Other(_)));
            assert_eq!(&HttpAction::from(action.name()), action);
        }
        for name in ["", "Nexus", "of-next-year"] {
            assert_eq!(HttpAction::from(name), HttpAction::Other(name.to_owned()));
            assert_eq!(HttpAction::from(name).to_string(), name);
        }
    }
}
