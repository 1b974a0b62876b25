//! The article's conversation, over a real socket and in literal bytes: what Messenger for Mac 8.0.1
//! sent, and what the article's server answered.

mod common;

use nudge::recording::golden::article;

#[tokio::test]
async fn the_articles_conversation_byte_for_byte() {
    let mut service = common::start(article().expect("the roster of the article"));
    service.ignore_events();
    let port = service.http.port();
    let mut mac = service.connect().await;

    mac.send("VER 1 MSNP16 MSNP15 MSNP14 MSNP13 CVR0\r\n").await;
    mac.expect("VER 1 MSNP16 CVR0\r\n").await;

    mac.send("CVR 2 0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs me@local\r\n")
        .await;
    mac.expect(&format!(
        "CVR 2 8.0.1 8.0.1 8.0.1 http://127.0.0.1:{port}/ http://127.0.0.1:{port}/\r\n"
    ))
    .await;

    mac.send("USR 3 TWN I me@local\r\n").await;
    let challenge = mac.line().await;
    assert!(challenge.starts_with("USR 3 TWN S lc=1033,"), "{challenge}");
    assert!(
        challenge.contains(",ct=") && challenge.contains(",tpf="),
        "{challenge}"
    );

    let ticket = service.tickets.issue("me@local", None);
    mac.send(&format!(
        "USR 4 TWN S {ticket} 235411cb78234a468feb6f1bccca43fd\r\n"
    ))
    .await;
    mac.expect("USR 4 OK me@local 1 0\r\n").await;

    mac.send("ADL 5 245\r\n<ml l=\"1\"><d n=\"local\"><c n=\"away\" l=\"3\" t=\"1\" /><c n=\"brb\" l=\"3\" t=\"1\" /><c n=\"busy\" l=\"3\" t=\"1\" /><c n=\"hidden\" l=\"3\" t=\"1\" /><c n=\"idle\" l=\"3\" t=\"1\" /><c n=\"lunch\" l=\"3\" t=\"1\" /><c n=\"online\" l=\"3\" t=\"1\" /><c n=\"phone\" l=\"3\" t=\"1\" /></d></ml>").await;
    mac.expect("ADL 5 OK\r\n").await;
    mac.send("PRP 6 MFN Me%20Myself\r\n").await;
    mac.expect("ACK 6 PRP\r\n").await;
    mac.send("BLP 7 AL\r\n").await;
    mac.expect("ACK 7 BLP\r\n").await;

    mac.send("CHG 8 NLN 1085276192:131088\r\n").await;
    mac.expect("CHG 8 NLN 1085276192:131088\r\n").await;
    mac.expect("ILN 8 NLN online@local 1 Online%20User 1085276192 %3Cmsnobj%2F%3E\r\n")
        .await;
    mac.expect("UBX online@local 1 89\r\n<Data><PSM>0b48cf1c-b9a5-4793-b8d4-a8ddd6b13c6c</PSM><CurrentMedia></CurrentMedia></Data>").await;
    mac.expect("ILN 8 BSY busy@local 1 Busy%20User 1085276192 %3Cmsnobj%2F%3E\r\n")
        .await;
    mac.expect("UBX busy@local 1 89\r\n<Data><PSM>72b6dca4-811b-4c6a-8b2a-c87cfa6e3299</PSM><CurrentMedia></CurrentMedia></Data>").await;
    mac.expect("ILN 8 IDL idle@local 1 Idle%20User 1085276192 %3Cmsnobj%2F%3E\r\n")
        .await;
    mac.expect("UBX idle@local 1 89\r\n<Data><PSM>88360ef7-5152-4ada-8bc8-e0343736e830</PSM><CurrentMedia></CurrentMedia></Data>").await;
    mac.expect("ILN 8 AWY away@local 1 Away%20User 1085276192 %3Cmsnobj%2F%3E\r\n")
        .await;
    mac.expect("UBX away@local 1 89\r\n<Data><PSM>d430617a-17bf-4437-a8f2-54aa4d33444e</PSM><CurrentMedia></CurrentMedia></Data>").await;
    mac.expect("ILN 8 BRB brb@local 1 Brb%20User 1085276192 %3Cmsnobj%2F%3E\r\n")
        .await;
    mac.expect("UBX brb@local 1 89\r\n<Data><PSM>ecd12daf-0c11-445f-b1ae-4751a509c25c</PSM><CurrentMedia></CurrentMedia></Data>").await;
    mac.expect("ILN 8 LUN lunch@local 1 Lunch%20User 1085276192 %3Cmsnobj%2F%3E\r\n")
        .await;
    mac.expect("UBX lunch@local 1 89\r\n<Data><PSM>9bd609bc-d2f8-4e1a-be72-06804bf73183</PSM><CurrentMedia></CurrentMedia></Data>").await;
    mac.expect("ILN 8 PHN phone@local 1 Phone%20User 1085276192 %3Cmsnobj%2F%3E\r\n")
        .await;
    mac.expect("UBX phone@local 1 89\r\n<Data><PSM>b1482981-ad81-4a2a-872f-ba3331c6bb91</PSM><CurrentMedia></CurrentMedia></Data>").await;

    mac.send("UUX 9 53\r\n<Data><PSM></PSM><CurrentMedia></CurrentMedia></Data>")
        .await;
    mac.expect("ACK 9 UUX\r\n").await;
    mac.send(
        "UUX 10 75\r\n<EndpointData><Capabilities>1085276192:131088</Capabilities></EndpointData>",
    )
    .await;
    mac.expect("ACK 10 UUX\r\n").await;
    mac.send("UUX 11 92\r\n<PrivateEndpointData><EpName>Rhodes</EpName><ClientType>1</ClientType></PrivateEndpointData>").await;
    mac.expect("ACK 11 UUX\r\n").await;
    mac.send("URL 12 MOBILE\r\n").await;
    mac.expect(&format!("URL 12 MOBILE http://127.0.0.1:{port}/\r\n"))
        .await;
    mac.send("URL 13 PROFILE 0x0409\r\n").await;
    mac.expect(&format!("URL 13 PROFILE http://127.0.0.1:{port}/\r\n"))
        .await;
    mac.send("URL 14 CHGMOB\r\n").await;
    mac.expect(&format!("URL 14 CHGMOB http://127.0.0.1:{port}/\r\n"))
        .await;
    mac.send("UUN 15 me@local 8 9\r\nignore me").await;
    mac.expect("ACK 15 UUN\r\n").await;
    mac.send("PNG 16\r\n").await;
    mac.expect("QNG 60\r\n").await;
    mac.send("PNG\r\n").await;
    mac.expect("QNG 60\r\n").await;

    let info = service.hub.clients().remove(0);
    assert_eq!(info.name.as_deref(), Some("Me Myself"));
    assert_eq!(info.capabilities.as_deref(), Some("1085276192:131088"));
    assert_eq!(info.endpoint.as_deref(), Some("Rhodes"));
    assert_eq!(
        info.shape.map(|s| s.to_string()).as_deref(),
        Some("MSNP16/mac")
    );

    mac.send("OUT\r\n").await;
    assert_eq!(mac.rest().await, "");
}
