//! An address book of thousands of contacts, which many ask for at once, and which changes as a whole.

mod common;

use common::{PATIENCE, TestService, start};
use nudge::event::{Clock, EventSink, Service};
use nudge::msnp::Status;
use nudge::roster::{Contact, Roster};
use nudge::server::certificates::{CertificateOptions, Certificates};
use nudge::server::doors::{Addresses, bind};
use nudge::server::hub::Hub;
use nudge::server::passport::ticket::Tickets;
use nudge::server::shares::Bounds;
use nudge::server::site::{Site, SiteConfig};
use nudge::server::tls::FrontDoor;
use nudge::server::web::Web;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

const CONTACTS: usize = 1_000;

fn roster() -> Roster {
    let contacts = (0..CONTACTS).map(|n| Contact {
        status: Status::Online,
        ..Contact::new(format!("c{n}@local"), None)
    });
    Roster::new(contacts, []).expect("a roster")
}

/// The service with its web, and what a test looks at inside of it.
struct Whole {
    site: Arc<Site>,
    hub: Arc<Hub>,
    tickets: Arc<Tickets>,
    http: SocketAddr,
    _service: Arc<nudge::server::service::Service>,
}

fn whole() -> Whole {
    let (events, mut stream) = EventSink::new(Clock::start());
    tokio::spawn(async move { while stream.recv().await.is_some() {} });
    let hub = Arc::new(Hub::new(roster(), events.clone()));
    let tickets = Arc::new(Tickets::new().expect("a ticket key"));
    let (doors, _) = bind(&Addresses::any_port()).expect("free ports");
    let http = doors.iter().find(|door| door.service == Service::Http);
    let http = http.expect("a door").address;
    let site = Site::new(SiteConfig::new(hub.clone(), tickets.clone()));
    let own = Certificates::in_memory(&CertificateOptions::default()).expect("certificates");
    let web = Web::new(site.clone(), FrontDoor::new(&own).expect("a front door"));
    let _service = nudge::server::service::Service::start(
        hub.clone(),
        tickets.clone(),
        events,
        None,
        Some(Arc::new(web)),
        Bounds::default(),
        doors,
    );
    Whole {
        site,
        hub,
        tickets,
        http,
        _service,
    }
}

fn find_all(ticket: &str) -> Vec<u8> {
    let body = format!(
        "<?xml version=\"1.0\"?><soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Header>\
         <ABAuthHeader><TicketToken>{}</TicketToken></ABAuthHeader></soap:Header><soap:Body><ABFindAll/></soap:Body></soap:Envelope>",
        ticket.replace('&', "&amp;")
    );
    format!(
        "POST /abservice/abservice.asmx HTTP/1.1\r\nHost: localhost\r\nSOAPAction: \"http://www.msn.com/webservices/AddressBook/ABFindAll\"\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_book_is_encoded_once_for_all_who_ask_and_anew_when_it_changes() {
    let whole = whole();
    let ask = find_all(&whole.tickets.issue("me@local", None));
    let mut answers = Vec::new();
    for _ in 0..20 {
        let mut stream = TcpStream::connect(whole.http).expect("connects");
        stream.write_all(&ask).expect("is read");
        answers.push(stream);
    }
    let read = |mut stream: TcpStream| {
        tokio::task::spawn_blocking(move || {
            stream.set_read_timeout(Some(PATIENCE)).expect("is set");
            let mut answer = Vec::new();
            let mut piece = [0; 16 * 1024];
            while !answer.ends_with(b"</soap:Envelope>") {
                let read = stream.read(&mut piece).expect("goes on");
                assert!(read > 0, "ended after {} bytes", answer.len());
                answer.extend_from_slice(&piece[..read]);
            }
            String::from_utf8(answer).expect("text")
        })
    };
    for stream in answers {
        let answer = read(stream).await.expect("an answer");
        let body = answer.split_once("\r\n\r\n").expect("a body").1;
        assert!(answer.contains(&format!("Content-Length: {}\r\n", body.len())));
        assert_eq!(body.matches("<Contact>").count(), CONTACTS + 1);
    }
    assert_eq!(whole.site.books().encoded(), 1);
    let changed = whole
        .hub
        .change("c7@local", None, |c| c.name = "Another".into());
    changed.expect("changes");
    let mut stream = TcpStream::connect(whole.http).expect("connects");
    stream.write_all(&ask).expect("is read");
    let answer = read(stream).await.expect("an answer");
    assert!(answer.contains("<displayName>Another</displayName>"));
    assert_eq!(whole.site.books().encoded(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flip_of_all_contacts_to_many_that_do_not_read_reaches_those_that_do() {
    let mut service: TestService = start(roster());
    service.ignore_events();
    let mut deaf = Vec::new();
    for n in 0..40 {
        deaf.push(service.online(&format!("deaf{n}@local")).await);
    }
    let mut reader = service.online("me@local").await;
    let names: Vec<String> = (0..CONTACTS).map(|n| format!("c{n}@local")).collect();
    for status in [Status::Busy, Status::Away] {
        let flip = service.hub.change_all(&names, None, |c| c.status = status);
        flip.expect("changes");
        for name in &names {
            let line = reader.line().await;
            assert!(
                line.starts_with("NLN ") && line.contains(&format!(" {name} ")),
                "{line}"
            );
        }
        reader.send("PNG\r\n").await;
        reader.expect("QNG 60\r\n").await;
    }
    drop(deaf);
}
