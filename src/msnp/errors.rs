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

const fn error(code: u16, meaning: &'static str) -> ErrorCode {
    ErrorCode {
        code,
        meaning,
        payload: false,
    }
}

const fn with_payload(code: u16, meaning: &'static str) -> ErrorCode {
    ErrorCode {
        code,
        meaning,
        payload: true,
    }
}

/// Every code, in order.
pub const TABLE: &[ErrorCode] = &[
    error(200, "syntax error in the command"),
    error(
        201,
        "a parameter is invalid (also: FLN as one's own status)",
    ),
    error(204, "the network id is invalid"),
    error(205, "there is no such user (up to MSNP9)"),
    error(206, "the account has no domain"),
    error(207, "already signed in"),
    error(
        208,
        "there is no such user (from MSNP10), or the name is invalid",
    ),
    error(
        209,
        "the friendly name is not allowed, or the account is not verified",
    ),
    error(210, "the list is full"),
    error(215, "the user is on that list already"),
    error(216, "the user is not on that list"),
    error(217, "the user is offline"),
    error(218, "already in that mode"),
    error(219, "the user is on the opposite list (allow and block)"),
    error(223, "too many groups"),
    error(224, "there is no such group"),
    error(225, "the user is not in that group"),
    error(228, "there is such a group already"),
    error(229, "the group's name is too long"),
    error(230, "group 0 cannot be removed"),
    error(235, "the phone number takes no messages"),
    error(240, "the list payload has an empty domain"),
    with_payload(241, "the list payload is invalid"),
    error(280, "the switchboard failed"),
    error(281, "the transfer to a switchboard failed"),
    error(300, "a required field is missing"),
    error(302, "not signed in"),
    error(402, "the list is not available"),
    error(403, "the list is not available"),
    error(500, "internal error of the server"),
    error(501, "error of the server's database"),
    error(502, "the command is disabled"),
    with_payload(509, "a message over UUM could not be delivered"),
    error(510, "a file operation of the server failed"),
    error(520, "the server could not get memory"),
    error(540, "the answer to the challenge is wrong"),
    error(600, "the server is busy"),
    error(601, "the server is unavailable"),
    error(603, "the server's database cannot be reached"),
    error(604, "the server is going down"),
    error(707, "the server could not make a connection"),
    error(710, "the parameters of CVR are invalid"),
    error(711, "the session is overloaded, or a write would block"),
    error(712, "the session is overloaded"),
    error(713, "the user is too active: too many sessions"),
    error(714, "too many sessions"),
    error(
        715,
        "a command that was not expected here, or the account is not verified",
    ),
    error(717, "the file of friends is bad"),
    error(
        731,
        "a command that was not expected here (CVR before the first USR)",
    ),
    error(800, "commands come too fast"),
    error(910, "the server is busy"),
    error(911, "authentication failed"),
    error(912, "the server is busy"),
    error(913, "not allowed while hidden"),
    error(914, "the server is unavailable"),
    error(915, "the server is unavailable"),
    error(916, "the server is unavailable"),
    error(917, "authentication failed"),
    error(918, "the server is busy"),
    error(919, "the server is busy"),
    error(920, "new users are not taken at present"),
    error(921, "the server is busy"),
    error(922, "the server is busy"),
    error(923, "a child's account without a parent's consent"),
    error(924, "the account is not verified"),
    error(928, "the ticket is bad"),
    error(933, "the account does not take part in that circle"),
];

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
