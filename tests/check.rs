//! The check page: a browser's requests at each door, and what the operator is told.

mod common;

use common::{PATIENCE, Raw, whole};
use nudge::event::Service::{Http, Https, Notification};
use nudge::event::{Ending, EventKind};

#[tokio::test]
async fn each_door_answers_its_picture_and_the_operator_sees_which_came() {
    let mut whole = whole().await;
    let [http, https, msnp] = [Http, Https, Notification].map(|door| whole.door(door));
    let get = |target: &str| {
        format!(
            "GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 5.5; Windows 98)\r\nConnection: close\r\n\r\n"
        )
    };
    let mut raw = Raw::connect(http).await;
    raw.send(get("/check")).await;
    let page = raw.rest().await;
    let source = format!(
        "http://127.0.0.1:{}/check/yes.gif?c=1&amp;p={}",
        msnp.port(),
        msnp.port()
    );
    assert!(page.contains(&source), "{page}");
    for (door, point) in [
        (http, "messenger.hotmail.com".to_owned()),
        (https, https.port().to_string()),
        (msnp, msnp.port().to_string()),
    ] {
        let mut raw = Raw::connect(door).await;
        raw.send(get(&format!("/check/yes.gif?c=1&p={point}")))
            .await;
        let picture = raw.rest().await;
        assert!(picture.starts_with("HTTP/1.1 200 OK\r\n"), "{picture}");
        assert!(picture.contains("Content-Type: image/gif\r\n"), "{picture}");
        assert!(picture.contains("\r\n\r\nGIF89a"), "{picture}");
    }
    // Another path is a stranger there, as before.
    let mut raw = Raw::connect(msnp).await;
    raw.send(get("/check")).await;
    assert_eq!(raw.rest().await, "");
    let mut found = Vec::new();
    let mut endings = Vec::new();
    let told = tokio::time::timeout(PATIENCE, async {
        loop {
            match whole.stream.recv().await.expect("an event").event.kind {
                EventKind::Finding(finding) => found.push(finding.id),
                EventKind::Disconnected {
                    service: Notification,
                    reason,
                    ..
                } => endings.push(reason.clone()),
                EventKind::Notice { text, .. } if text.starts_with("check page") => return text,
                _ => {}
            }
        }
    });
    let told = told.await.expect("a notice");
    for wanted in [
        "127.0.0.1 (Mozilla/4.0 (compatible; MSIE 5.5; Windows 98))",
        "\u{2713} messenger.hotmail.com",
        &format!("\u{2713} port {}", msnp.port()),
        &format!("\u{2713} port {}", https.port()),
        &format!("\u{2717} port {}", http.port()),
        "\u{2717} root trusted over TLS",
    ] {
        assert!(told.contains(wanted), "{wanted} in {told}");
    }
    assert!(endings.contains(&Ending::Checked), "{endings:?}");
    assert_eq!(found, [nudge::event::FindingId::WrongPort]);
}
