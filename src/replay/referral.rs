//! `XFR n NS host:port`: the server sends its client on to another one, as the dispatch server did.

use crate::msnp::{Address, Frame};

/// Where a line of the server sends the client on to, as it stands there; `None` where it does not.
pub(super) fn referral(frame: &Frame) -> Option<&[u8]> {
    let mut words = frame.tokens();
    let is = words.next()? == b"XFR" && words.next().is_some() && words.next()? == b"NS";
    is.then(|| words.next().unwrap_or_default())
}

/// The host and port of a referral. It has to name both, and nothing is guessed where it does not.
pub(super) fn host_and_port(named: &[u8]) -> Option<(String, u16)> {
    let address = Address::remote(std::str::from_utf8(named).ok()?).ok()?;
    Some((address.host, address.port?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_host_and_a_port_are_followed() {
        let named = |wire: &'static [u8]| {
            let frame = Frame::from_wire(bytes::Bytes::from_static(wire));
            let named = referral(&frame).map(<[u8]>::to_vec)?;
            Some(host_and_port(&named).map(|(host, port)| format!("{host} {port}")))
        };
        let to = |text: &str| Some(Some(text.to_owned()));
        assert_eq!(
            named(b"XFR 3 NS 10.0.0.1:1863 U D\r\n"),
            to("10.0.0.1 1863")
        );
        assert_eq!(
            named(b"XFR 3 NS a-b.example:1 0 x:1\r\n"),
            to("a-b.example 1")
        );
        assert_eq!(named(b"XFR 3 NS [::1]:1863 U D\r\n"), to("::1 1863"));
        for wrong in [
            &b"XFR 3 NS\r\n"[..],
            b"XFR 3 NS nowhere\r\n",
            b"XFR 3 NS :1863\r\n",
            b"XFR 3 NS a:0\r\n",
            b"XFR 3 NS a:65536\r\n",
            b"XFR 3 NS a/b:1\r\n",
            b"XFR 3 NS ::1:1863\r\n",
            b"XFR 3 NS \x1b[2J:1863\r\n",
            b"XFR 3 NS \xff:1863\r\n",
        ] {
            assert_eq!(named(wrong), Some(None), "{wrong:?}");
        }
        assert_eq!(named(b"XFR 9 SB 1.2.3.4:1863 CKI 17.2\r\n"), None);
        assert_eq!(named(b"USR 3 TWN S a\r\n"), None);
    }
}
