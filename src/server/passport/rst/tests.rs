//! Requests for tokens that are cut, lengthened, misordered, or made to harm.

use super::*;
use crate::event::FindingId;
use crate::server::http::testing::{Stage, request};
use proptest::prelude::*;

const PASSWORD: &str = "hush-hush";

fn asked(stage: &Stage, path: &str, body: impl Into<bytes::Bytes>) -> Answer {
    let request = request("POST", path, body);
    answer(&stage.site, &request, path).expect("its path")
}

fn said(answer: &Answer) -> Vec<u8> {
    answer.body.pieces().flatten().copied().collect()
}

/// A request for a token for each of these addresses, as parts that could change places.
fn parts(addresses: &[&str]) -> Vec<String> {
    let mut parts = vec![
        "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:wsse=\"w\"><Header>"
            .to_owned(),
        format!(
            "<wsse:Security><wsse:UsernameToken><wsse:Username>me@local</wsse:Username><wsse:Password>{PASSWORD}</wsse:Password></wsse:UsernameToken></wsse:Security>"
        ),
        "</Header><Body><ps:RequestMultipleSecurityTokens xmlns:ps=\"p\">".to_owned(),
    ];
    parts.extend(addresses.iter().map(|address| {
        format!("<wst:RequestSecurityToken xmlns:wst=\"t\"><wsp:AppliesTo xmlns:wsp=\"a\"><wsa:EndpointReference xmlns:wsa=\"e\"><wsa:Address>{address}</wsa:Address></wsa:EndpointReference></wsp:AppliesTo><wsse:PolicyReference URI=\"?id=507&amp;tw=40\"/></wst:RequestSecurityToken>")
    }));
    parts.push("</ps:RequestMultipleSecurityTokens></Body></Envelope>".to_owned());
    parts
}

/// An answer is a document, has no password in it, and says what was wrong where it is a fault.
fn holds(answer: &Answer) -> Result<(), TestCaseError> {
    let body = said(answer);
    prop_assert_eq!(answer.status, StatusCode::OK);
    prop_assert!(read(&body).is_ok(), "{}", String::from_utf8_lossy(&body));
    // What is longest: a ticket and a secret for each address.
    prop_assert!(body.len() < MOST * 4_096, "{}", body.len());
    let text = String::from_utf8_lossy(&body).into_owned();
    prop_assert!(!text.contains(PASSWORD));
    prop_assert!(text.contains("RequestedSecurityToken") || !answer.findings.is_empty());
    for finding in &answer.findings {
        prop_assert!(!finding.text.contains(PASSWORD), "{}", finding.text);
    }
    Ok(())
}

#[test]
fn so_many_addresses_are_answered_in_their_order_and_one_more_is_a_fault() {
    let stage = Stage::new();
    let all: Vec<String> = (0..=MOST).map(|n| format!("host{n}.example")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let fine = asked(&stage, "/rst.srf", parts(&all[..MOST]).concat());
    let text = String::from_utf8(said(&fine)).expect("text");
    let at = |n: usize| {
        text.find(&format!("<wsa:Address>host{n}.example<"))
            .expect("is there")
    };
    assert!((1..MOST).all(|n| at(n - 1) < at(n)));
    assert!(text.contains(&format!("Id=\"PPToken{MOST}\"")));
    let many = asked(&stage, "/rst2.srf", parts(&all).concat());
    assert_eq!(many.findings[0].id, FindingId::RstField);
    assert!(!String::from_utf8_lossy(&said(&many)).contains("BinarySecurityToken"));
}

#[test]
fn an_address_that_is_markup_comes_back_as_text() {
    let stage = Stage::new();
    let evil = "x&lt;/wsa:Address&gt;&lt;S:Fault&gt;&quot;&#39;&amp;";
    let answer = asked(&stage, "/rst.srf", parts(&[evil]).concat());
    let body = said(&answer);
    let root = read(&body).expect("a document");
    assert!(root.any("Fault").is_none());
    let address = root.any("Address").map(|node| node.text.as_str());
    assert_eq!(address, Some("x</wsa:Address><S:Fault>\"'&"));
}

#[test]
fn what_is_said_of_a_broken_document_does_not_quote_it() {
    let stage = Stage::new();
    // The end of one element is broken, up to a quote further on, so that a reader's own words have what is between: the password.
    let body = parts(&["'"])
        .concat()
        .replace("</wsse:Username>", "</'wsse:Username>");
    let answer = asked(&stage, "/rst.srf", body);
    assert_eq!(answer.findings[0].id, FindingId::RstXml);
    let text = &answer.findings[0].text;
    assert!(
        text.contains("not well-formed") && !text.contains(PASSWORD),
        "{text}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn a_request_that_is_cut_lengthened_or_misordered_is_answered_with_a_document(
        newer: bool,
        addresses in proptest::collection::vec("[a-zA-Z0-9:/?.&;<>\"' -]{0,40}", 0..9),
        swaps in proptest::collection::vec((0usize..16, 0usize..16), 0..4),
        cut in 0usize..4_000,
        put in "[ -~\u{0}\u{7f}\u{202e}]{0,30}",
        how in 0u8..4,
    ) {
        let stage = Stage::new();
        let escaped: Vec<String> = addresses
            .iter()
            .map(|a| a.replace('&', "&amp;").replace('<', "&lt;"))
            .collect();
        let escaped: Vec<&str> = escaped.iter().map(String::as_str).collect();
        let mut parts = parts(&escaped);
        let count = parts.len();
        for (a, b) in swaps {
            parts.swap(a % count, b % count);
        }
        let whole = parts.concat();
        let cut = cut % (whole.len() + 1);
        let cut = (0..=cut).rev().find(|at| whole.is_char_boundary(*at)).unwrap_or(0);
        let body = match how {
            0 => whole,
            1 => whole[..cut].to_owned(),
            2 => format!("{}{put}{}", &whole[..cut], &whole[cut..]),
            _ => format!("{whole}{}", parts.concat().repeat(cut % 5)),
        };
        let path = if newer { "/rst2.srf" } else { "//rst.srf" };
        holds(&asked(&stage, path, body))?;
    }

    #[test]
    fn any_bytes_are_answered_with_a_document(body in proptest::collection::vec(any::<u8>(), 0..600)) {
        holds(&asked(&Stage::new(), "/rst.srf", body))?;
    }
}
