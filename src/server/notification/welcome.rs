//! What is told to a client, unasked, once it has signed in.

use super::commands::send;
use super::services::policies;
use super::session::{Output, Session, Surroundings, Welcome};
use crate::msnp::dialect::Mailbox;
use crate::msnp::{TransactionId, percent};
use crate::roster;

impl Session {
    /// The policies, before the first USR is answered.
    pub(super) fn push_policies(&self, out: &mut Vec<Output>) {
        if self.rules().policies {
            let text = policies();
            send(format!("GCF 0 {}\r\n{text}", text.len()), out);
        }
    }

    /// `USR OK`, and what follows it.
    pub(super) fn welcome(
        &self,
        transaction: TransactionId,
        account: &str,
        welcome: &Welcome,
        around: &Surroundings<'_>,
        out: &mut Vec<Output>,
    ) {
        let rules = self.rules();
        let named = match rules.named_ok {
            true => format!(" {}", percent::encode(&welcome.name)),
            false => String::new(),
        };
        send(
            format!("USR {transaction} OK {account}{named} 1 0\r\n"),
            out,
        );
        if rules.sbs {
            send("SBS 0 null\r\n".into(), out);
        }
        if !rules.profile {
            return;
        }
        message(&self.profile(account, &welcome.ticket, around), out);
        if rules.endpoints {
            let shape = self.info.shape;
            let contact = shape.map_or_else(String::new, |shape| {
                shape.contact(account, roster::PASSPORT)
            });
            send(format!("UBX {contact} 0\r\n"), out);
        }
    }

    /// The account's profile, on which clients begin with their address book.
    fn profile(&self, account: &str, ticket: &str, around: &Surroundings<'_>) -> String {
        let cid = roster::cid(account) as u64;
        let (high, low) = (cid >> 32, cid & 0xffff_ffff);
        let time = around.now.0 / 1_000_000;
        let (ip, port) = (self.info.peer.ip(), self.info.peer.port());
        let several = u8::from(self.rules().endpoints);
        format!(
            "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsprofile; charset=UTF-8\r\nLoginTime: {time}\r\n\
             EmailEnabled: 0\r\nMemberIdHigh: {high}\r\nMemberIdLow: {low}\r\nlang_preference: 1033\r\n\
             preferredEmail: {account}\r\ncountry: US\r\nPostalCode: \r\nGender: \r\nKid: 0\r\nAge: \r\nBDayPre: \r\n\
             Birthday: \r\nWallet: \r\nFlags: 1073742915\r\nsid: 507\r\nkv: 5\r\nMSPAuth: {ticket}\r\nClientIP: {ip}\r\n\
             ClientPort: {port}\r\nABCHMigrated: 1\r\nMPOPEnabled: {several}\r\n\r\n"
        )
    }

    /// That the mailbox is empty but for the messages that wait, with the first CHG.
    pub(super) fn mailbox_message(&self, around: &Surroundings<'_>, out: &mut Vec<Output>) {
        match self.rules().mailbox {
            Mailbox::Untold => {}
            Mailbox::Numbers => message(
                "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsinitialemailnotification; charset=UTF-8\r\n\r\n\
                 Inbox-Unread: 0\r\nFolders-Unread: 0\r\nInbox-URL: /\r\nFolders-URL: /\r\nPost-URL: /\r\n",
                out,
            ),
            Mailbox::Xml => {
                let waiting = (around.waiting)(self.info.account.as_deref().unwrap_or_default());
                message(
                    &format!(
                        "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsinitialmdatanotification; charset=UTF-8\r\n\r\n\
                         Mail-Data: <MD><E><I>0</I><IU>0</IU><O>{waiting}</O><OU>{waiting}</OU></E><Q><QTM>409600</QTM><QNM>204800</QNM></Q></MD>\r\n\
                         Inbox-URL: /\r\nFolders-URL: /\r\nPost-URL: /\r\n"
                    ),
                    out,
                );
            }
        }
    }
}

/// A message of the service itself.
fn message(text: &str, out: &mut Vec<Output>) {
    send(format!("MSG Hotmail Hotmail {}\r\n{text}", text.len()), out);
}
