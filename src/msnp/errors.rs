//! The three-digit error codes, which the service sends in place of an answer: `911 4`.
//! Sources: the NINA wiki's error list, papyon for the two with a payload.

/// One error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorCode {
    /// The number on the wire.
    pub code: u16,
    /// What it says.
    pub meaning: &'static str,
    /// Whether a length and a payload may follow the transaction id (papyon).
    pub payload: bool,
}

macro_rules! errors {
    (@payload) => { false };
    (@payload payload) => { true };
    ($($code:literal $meaning:literal $(with $payload:ident)?;)*) => {
        &[$(ErrorCode {
            code: $code,
            meaning: $meaning,
            payload: errors!(@payload $($payload)?),
        }),*]
    };
}

/// Every code, in order.
pub const TABLE: &[ErrorCode] = errors! {
    200 "syntax error in the command";
    201 "a parameter is invalid (also: FLN as one's own status)";
    204 "the network id is invalid";
    205 "there is no such user (up to MSNP9)";
    206 "the account has no domain";
    207 "already signed in";
    208 "there is no such user (from MSNP10), or the name is invalid";
    209 "the friendly name is not allowed, or the account is not verified";
    210 "the list is full";
    215 "the user is on that list already";
    216 "the user is not on that list";
    217 "the user is offline";
    218 "already in that mode";
    219 "the user is on the opposite list (allow and block)";
    223 "too many groups";
    224 "there is no such group";
    225 "the user is not in that group";
    228 "there is such a group already";
    229 "the group's name is too long";
    230 "group 0 cannot be removed";
    235 "the phone number takes no messages";
    240 "the list payload has an empty domain";
    241 "the list payload is invalid" with payload;
    280 "the switchboard failed";
    281 "the transfer to a switchboard failed";
    300 "a required field is missing";
    302 "not signed in";
    402 "the list is not available";
    403 "the list is not available";
    500 "internal error of the server";
    501 "error of the server's database";
    502 "the command is disabled";
    509 "a message over UUM could not be delivered" with payload;
    510 "a file operation of the server failed";
    520 "the server could not get memory";
    540 "the answer to the challenge is wrong";
    600 "the server is busy";
    601 "the server is unavailable";
    603 "the server's database cannot be reached";
    604 "the server is going down";
    707 "the server could not make a connection";
    710 "the parameters of CVR are invalid";
    711 "the session is overloaded, or a write would block";
    712 "the session is overloaded";
    713 "the user is too active: too many sessions";
    714 "too many sessions";
    715 "a command that was not expected here, or the account is not verified";
    717 "the file of friends is bad";
    731 "a command that was not expected here (CVR before the first USR)";
    800 "commands come too fast";
    910 "the server is busy";
    911 "authentication failed";
    912 "the server is busy";
    913 "not allowed while hidden";
    914 "the server is unavailable";
    915 "the server is unavailable";
    916 "the server is unavailable";
    917 "authentication failed";
    918 "the server is busy";
    919 "the server is busy";
    920 "new users are not taken at present";
    921 "the server is busy";
    922 "the server is busy";
    923 "a child's account without a parent's consent";
    924 "the account is not verified";
    928 "the ticket is bad";
    933 "the account does not take part in that circle";
};

/// The error with this code, three digits as on the wire.
pub fn find(code: &[u8]) -> Option<&'static ErrorCode> {
    if code.len() != 3 || !code.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = code
        .iter()
        .fold(0, |number, digit| number * 10 + u16::from(digit - b'0'));
    TABLE
        .binary_search_by_key(&number, |error| error.code)
        .ok()
        .map(|at| &TABLE[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_every_code_is_found() {
        assert!(TABLE.windows(2).all(|pair| pair[0].code < pair[1].code));
        for error in TABLE {
            assert_eq!(find(error.code.to_string().as_bytes()), Some(error));
        }
        assert_eq!(find(b"999"), None);
        assert_eq!(find(b"+20"), None);
    }
}
