//! The codes that clients show their users when a sign-in fails: what each means, and what it means here.
//!
//! Sources: the error list of yellows111's MSNP wiki (`MSGR_E_…` and what the service answered), `wininet.h` and
//! `winsock2.h` (HRESULTs `80072xxx` are `0x80070000` and their number), Microsoft's sign-in help as it was quoted in
//! forums. Each text says where it is not certain.

/// A code that a client shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientCode {
    /// Eight hexadecimal digits in lower case.
    pub code: &'static str,
    /// What the client says by it.
    pub meaning: &'static str,
    /// What to look at here.
    pub check: &'static str,
}

macro_rules! codes {
    ($($code:literal $meaning:literal => $check:expr;)*) => {
        &[$(ClientCode { code: $code, meaning: $meaning, check: $check }),*]
    };
}

const ROOT: &str =
    "install nudge's root on the client's machine and trust it for SSL (`nudge certs export`)";
const NAME: &str = "the hosts file of the client's machine (`nudge hosts`), its name cache, and that the name is one of those that the certificate has";
const REACH: &str = "that the host and port lead to nudge: hosts file, `--lan`, firewall, and no proxy in the client's or its system's settings";
const CLOCK: &str = "the clock of the client's machine: date and year";
const PROXY: &str = "the connection settings of the client and of its system: an empty SOCKS field, no proxy; and the firewall";
const BOOK: &str = "the requests FindMembership and ABFindAll in the transcript, and that contacts.msn.com and byrdr.omega.contacts.msn.com lead here";
const POLICY: &str = "delete what it keeps of an earlier try (`…\\MSNMessenger\\Policies` for 8.0, `…\\Windows Live\\Communications Clients\\Shared` for 8.1), and try again";
const PASSWORD: &str = "the account and password (`accounts.toml`, where there is one); with the right ones TLS: TLS 1.0 on, SSL 2.0 off, the clock, the root";
const LOGIN: &str = "that login.live.com or loginnet.passport.com leads here, and its certificate is trusted: open https://nexus.passport.com/rdr/pprdr.asp in that machine's browser";

/// Every code that is known, in order: what the client says by it, and what to look at here.
pub const CLIENT_CODES: &[ClientCode] = codes! {
    "80048820" "the sign-in service could not be reached, or its certificate was refused" => LOGIN;
    "80048821" "the account or the password is wrong" => PASSWORD;
    "80048823" "the account is locked after too many tries (elsewhere: the address is none)" => PASSWORD;
    "8004882a" "the sign-in service does not know this program as its partner: an unpatched 2011 or 2012"
        => "the configuration that it reads (PPCRLconfig.srf): it has to be patched";
    "8004882d" "the account's name cannot be one" => PASSWORD;
    "8004882e" "no password was sent" => PASSWORD;
    "80048862" "the sign-in service gave no ticket for a service that the client needs"
        => "the request RST in the transcript: each address that it asks for gets a token";
    "80072712" "a name could not be used" => NAME;
    "80072741" "the address is not one of this machine (Winsock 10049)" => REACH;
    "80072745" "the connection was aborted on the client's own machine (Winsock 10053)"
        => "a firewall or antivirus program on that machine that looks into connections";
    "80072746" "the connection was reset by the other side (Winsock 10054)"
        => "the transcript: why nudge closed, or what stands between the two";
    "8007274c" "the connection timed out (Winsock 10060)" => REACH;
    "8007274d" "the connection was refused (Winsock 10061)" => REACH;
    "80072af9" "the host was not found (Winsock 11001)" => NAME;
    "80072ee2" "the request timed out (WinINet 12002)" => REACH;
    "80072ee6" "the address has a scheme that is not known (WinINet 12006)"
        => "the address in PassportURLs: some clients want no scheme in it";
    "80072ee7" "the name was not found (WinINet 12007)" => NAME;
    "80072efd" "the host could not be connected to (WinINet 12029)" => REACH;
    "80072efe" "the connection was aborted (WinINet 12030)" => REACH;
    "80072eff" "the connection was reset (WinINet 12031)" => REACH;
    "80072f05" "the certificate's dates do not hold now (WinINet 12037)" => CLOCK;
    "80072f06" "the certificate is of another name (WinINet 12038)" => NAME;
    "80072f0d" "the certificate's root is not known (WinINet 12045)" => ROOT;
    "80072f76" "a header was not found in the answer (WinINet 12150)"
        => "the answer in the transcript, and that no proxy changes it";
    "80072f78" "the answer is not understood (WinINet 12152)" => "what answers at that host: not nudge, perhaps";
    "80072f7d" "the TLS handshake failed (WinINet 12157)"
        => "the line of the handshake in the transcript: TLS 1.0 on in Internet Options, SSL 2.0 off, the root, the clock";
    "80072f8f" "the certificate or the clock is wrong (WinINet 12175)" => CLOCK;
    "80090325" "the chain of the certificate ends in a root that is not trusted (SChannel)" => ROOT;
    "80090326" "the other side's message was not understood (SChannel)" => "the line of the handshake in the transcript";
    "80090328" "the certificate has ended (SChannel)" => CLOCK;
    "800b0109" "the root is not trusted" => ROOT;
    "81000301" "the service could not be connected to" => REACH;
    "81000302" "the service's name could not be used" => NAME;
    "81000303" "the password or the ticket was not accepted" => PASSWORD;
    "81000304" "the account is signed in already (207)" => "whether another client is signed in with that account";
    "81000306" "the service did not answer in time" => PROXY;
    "81000307" "a list is full (210)" => "how many contacts there are";
    "8100030a" "there is no such user (205, 208)" => "the account that was typed";
    "8100030d" "something that was not expected" => "the last line in the transcript";
    "8100030e" "the service is busy (600, 910, 921)" => "the error code in the transcript";
    "81000314" "the service is not available (601), or what the client keeps of an earlier try is stale" => POLICY;
    "81000324" "the friendly name cannot be used (209)" => "PRP in the transcript";
    "8100036d" "the challenge was answered wrongly (540)" => "QRY in the transcript";
    "81000377" "the contact list is not available (402)" => BOOK;
    "81000378" "the contact list is not available (403)" => BOOK;
    "8100037c" "the network of a contact is not available (204)" => "the network id of that contact";
    "81000395" "the ticket was not accepted (911)" => "the ticket of USR in the transcript: of this run, of this account, whole";
    "81000435" "a parameter is wrong (201)" => "the finding beside that line in the transcript";
    "81000438" "a command was not expected (715)" => "the order of commands in the transcript";
    "81000451" "the service could not be connected to, for now" => REACH;
    "8e5e0211" "the contact store on the client's machine cannot be used (its log disk is full, elsewhere)"
        => "delete the store of that account (`%LOCALAPPDATA%\\Microsoft\\Windows Live Contacts`, or `…\\Messenger`), and look for room on its disk";
};

fn digits(text: &str) -> &str {
    let digits = text.strip_prefix("0x").or(text.strip_prefix("0X"));
    digits.unwrap_or(text)
}

/// The code, however it is written: `80048820`, `0x80072F0D`.
pub fn find(text: &str) -> Option<&'static ClientCode> {
    let digits = digits(text).to_ascii_lowercase();
    CLIENT_CODES.iter().find(|known| known.code == digits)
}

/// Whether it is written as such a code is.
pub fn is_one(text: &str) -> bool {
    let digits = digits(text);
    digits.len() == 8 && digits.starts_with('8') && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_there_once_in_order_and_found_however_it_is_written() {
        assert!(CLIENT_CODES.windows(2).all(|two| two[0].code < two[1].code));
        for known in CLIENT_CODES {
            assert!(is_one(known.code), "{}", known.code);
            assert_eq!(
                find(&format!("0x{}", known.code.to_uppercase())),
                Some(known)
            );
        }
        for asked in [
            "80048820", "80048821", "80048823", "8004882e", "81000301", "81000303", "81000306",
            "81000314", "80072745", "80072ee7", "80072efd", "80072f0d", "8e5e0211",
        ] {
            assert!(find(asked).is_some(), "{asked}");
        }
        assert_eq!(find("911"), None);
        assert!(!is_one("911") && !is_one("8004882g"));
    }
}
