//! `MsgrConfig`: what MSN Messenger from 6.0 on fetches at its start (`config.messenger.msn.com`): where its tabs and
//! pages are. Without it some clients go on and others ask again.
//!
//! There are two forms. Clients up to 7.5 post a SOAP request and get the document as a text within the answer; later
//! ones get it as it is.

use super::Site;
use crate::event::HttpAction;
use crate::server::http::message::{Answer, Request};
use crate::server::xml::write::Xml;
use hyper::StatusCode;

/// Its path, in lower case.
pub(super) const PATH: &str = "/config/msgrconfig.asmx";
const SPACE: &str = "http://www.msn.com/webservices/Messenger/Client";
const ENVELOPE: &[(&str, &str)] = &[
    ("xmlns:soap", "http://schemas.xmlsoap.org/soap/envelope/"),
    ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
    ("xmlns:xsd", "http://www.w3.org/2001/XMLSchema"),
];
const XML: &str = "text/xml; charset=utf-8";

/// The configuration, in the form that the request asks for.
pub(super) fn answer(site: &Site, request: &Request) -> Answer {
    let document = document(site);
    let body = match request.method.as_str() {
        "POST" => in_envelope(&document),
        _ => document,
    };
    Answer::new(HttpAction::MsgrConfig, StatusCode::OK).body(XML, body)
}

/// One tab, which is the page that says what nudge is.
fn document(site: &Site) -> Vec<u8> {
    let page = format!("http://{}/", site.config.login_http);
    let mut xml = Xml::new();
    xml.within("MsgrConfig", |xml| {
        xml.within("TabConfig", |xml| {
            xml.within("msntabdata", |xml| {
                xml.within("tab", |xml| {
                    xml.leaves(&[
                        ("type", "page"),
                        ("contenturl", &page),
                        ("hiturl", &page),
                        ("image", ""),
                        ("name", "nudge"),
                        ("tooltip", "What this service is"),
                        ("siteid", "0"),
                        ("notificationid", "0"),
                    ]);
                });
            });
        });
        xml.within_with("LocalizedConfig", &[("Market", "en-us")], |xml| {
            xml.within("MsnTodayConfig", |xml| xml.leaf("MsnTodayURL", &page));
        });
    });
    xml.into_bytes()
}

fn in_envelope(document: &[u8]) -> Vec<u8> {
    let mut xml = Xml::new();
    xml.within_with("soap:Envelope", ENVELOPE, |xml| {
        xml.within("soap:Body", |xml| {
            xml.within_with("GetClientConfigResponse", &[("xmlns", SPACE)], |xml| {
                xml.leaf("GetClientConfigResult", &String::from_utf8_lossy(document));
            });
        });
    });
    xml.into_bytes()
}

#[cfg(test)]
mod tests {
    use crate::server::http::testing::Stage;
    use crate::server::xml::read::read;

    #[tokio::test]
    async fn both_forms_hold_the_same_document() {
        let mut stage = Stage::new();
        let get = "GET /Config/MsgrConfig.asmx?op=GetClientConfig&ver=8.5.1302 HTTP/1.1\r\nHost: config.messenger.msn.com\r\n\r\n";
        let body = "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><GetClientConfig \
                    xmlns='http://www.msn.com/webservices/Messenger/Client'/></soap:Body></soap:Envelope>";
        let post = format!(
            "POST /Config/MsgrConfig.asmx HTTP/1.1\r\nHost: config.messenger.msn.com\r\nContent-Type: text/xml\r\n\
             SOAPAction: http://www.msn.com/webservices/Messenger/Client/GetClientConfig\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let plain = stage.over_http(get).await;
        let (_, plain) = plain.split_once("\r\n\r\n").expect("a body");
        let root = read(plain.as_bytes()).expect("a document");
        assert_eq!(root.name, "MsgrConfig");
        let today = ["LocalizedConfig", "MsnTodayConfig", "MsnTodayURL"];
        assert!(root.text_at(&today).expect("a page").starts_with("http://"));
        let tab = root.at(&["TabConfig", "msntabdata", "tab"]).expect("a tab");
        assert_eq!(tab.text_at(&["name"]), Some("nudge"));
        let wrapped = stage.over_http(post).await;
        let (_, wrapped) = wrapped.split_once("\r\n\r\n").expect("a body");
        let root = read(wrapped.as_bytes()).expect("a document");
        let result = root
            .at(&["Body", "GetClientConfigResponse", "GetClientConfigResult"])
            .expect("a result");
        assert_eq!(result.text, plain);
        assert!(stage.found().is_empty());
    }
}
