//! The engine: everything started in order, and ended in order. The console, headless mode and the tests
//! run the same one.

mod demo;

pub use demo::Demo;

use crate::control::Command;
use crate::dirs;
use crate::event::{EventKind, EventSink, Service as Door, Severity, say};
use crate::msnp::{Address, Dialects, hosts};
use crate::roster::{Accounts, Edit, EditError, LoadErrors, Roster, Side, Store};
use crate::server::certificates::{CertificateError, CertificateOptions, Certificates, FILES};
use crate::server::control::{self, Keeper, obey};
use crate::server::descriptors::raise_descriptor_limit;
use crate::server::doors::{Addresses, BindError, Door as OpenDoor, bind};
use crate::server::hosts_file;
use crate::server::hub::Hub;
use crate::server::memory::keep_giving_back;
use crate::server::passport::ticket::{LIFE, NoRandom, Tickets};
use crate::server::service::Service;
use crate::server::shares::{Bounds, MEMORY};
use crate::server::site::{Ports, Site, SiteConfig};
use crate::server::tls::{Bounds as TlsBounds, FrontDoor, TlsError};
use crate::server::web::Web;
use bytes::Bytes;
use demo::Cast;
use parking_lot::Mutex;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What is to be started, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen.
    pub addresses: Addresses,
    /// Take any free port where one is taken: for the demo, where nobody asked for that port.
    pub any_port_will_do: bool,
    /// Host, or host and port, that the URLs for clients name instead of the address they reached.
    pub public: Option<Address>,
    /// The folder of contacts; see [`dirs::choose`].
    pub contacts: Option<PathBuf>,
    /// The folder of certificates; see [`dirs::choose`].
    pub certs: Option<PathBuf>,
    /// What certificates are like.
    pub certificates: CertificateOptions,
    /// Whether SSL 3.0 is served, to those that offer nothing better.
    pub ssl3: bool,
    /// The dialects that are served.
    pub dialects: Dialects,
    /// How long a ticket is good while its client is not signed in.
    pub ticket_life: Duration,
    /// How often challenges are sent. `None` sends none.
    pub challenge: Option<Duration>,
    /// Whether a wrong answer to one ends the connection.
    pub strict: bool,
    /// Whether a client is first sent on from this server to itself.
    pub dispatch: bool,
    /// How many seconds east of Greenwich the service is, for schedules.
    pub utc_offset: i32,
    /// The domain of the shipped contacts, instead of `local`.
    pub domain: Option<String>,
    /// Write the roster a moment after each change.
    pub autosave: bool,
    /// Run the built-in client against the service, at this pace, and write nothing to disk.
    pub demo: Option<Demo>,
    /// The most connections. `None` allows as many as the limit of descriptors does.
    pub bounds: Option<Bounds>,
    /// [`Bounds::memory`], where `bounds` is `None`.
    pub memory: usize,
}

impl Options {
    /// On loopback at the usual ports; everything else as it is without an option.
    pub fn loopback() -> Self {
        Self {
            addresses: Addresses::loopback(),
            any_port_will_do: false,
            public: None,
            contacts: None,
            certs: None,
            certificates: CertificateOptions::default(),
            ssl3: true,
            dialects: Dialects::ALL,
            ticket_life: LIFE,
            challenge: None,
            strict: true,
            dispatch: false,
            utc_offset: 0,
            domain: None,
            autosave: false,
            demo: None,
            bounds: None,
            memory: MEMORY,
        }
    }
}

/// Why the engine did not start. Nothing listens then.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The contact files have mistakes.
    #[error(transparent)]
    Contacts(#[from] LoadErrors),
    /// The process is root, and cannot become the user who called.
    #[error(transparent)]
    StillRoot(#[from] dirs::StillRoot),
    /// Others can change the certificates.
    #[error(transparent)]
    Untrusted(#[from] dirs::Untrusted),
    /// The certificates cannot be used.
    #[error(transparent)]
    Certificates(#[from] CertificateError),
    /// TLS could not be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A door could not be opened.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// No random numbers.
    #[error(transparent)]
    Random(#[from] NoRandom),
}

/// The running engine.
#[derive(Debug)]
pub struct Engine {
    service: Arc<Service>,
    events: EventSink,
    commands: mpsc::UnboundedSender<Command>,
    obeying: JoinHandle<()>,
    keeper: Arc<Mutex<StoreKeeper>>,
    unsaved: watch::Sender<bool>,
    demo: bool,
    autosave: bool,
    client_stop: CancellationToken,
}

/// The open doors. Nobody serves behind them yet. From here on no privilege is needed.
#[derive(Debug)]
pub struct Opened {
    options: Options,
    doors: Vec<OpenDoor>,
    without: Vec<SocketAddr>,
    /// What is told once the events begin.
    notices: Vec<(Severity, String)>,
}

impl Opened {
    /// Opens every door, and becomes the user who called `sudo` where one did. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn open(options: Options) -> Result<Self, StartError> {
        let mut notices = Vec::new();
        let (doors, without) = match bind(&options.addresses) {
            Err(error) if options.any_port_will_do => {
                let error = error.to_string().replace('\n', "; ");
                let text = format!("{error}: for this demo, free ports were taken");
                notices.push((Severity::Warning, text));
                bind(&Addresses::any_port())?
            }
            bound => bound?,
        };
        if let Some(caller) = dirs::become_caller()? {
            let text = format!(
                "the ports are open; from here on as user {}, who called sudo",
                caller.uid
            );
            notices.push((Severity::Info, text));
        }
        Ok(Self {
            options,
            doors,
            without,
            notices,
        })
    }
}

impl Engine {
    /// Opens the doors and starts everything, or nothing. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(options: Options, events: EventSink) -> Result<Self, StartError> {
        Self::behind(Opened::open(options)?, events)
    }

    /// Starts everything behind doors that are open, or nothing. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn behind(opened: Opened, events: EventSink) -> Result<Self, StartError> {
        let Opened {
            options,
            doors,
            without,
            notices,
        } = opened;
        let descriptors = raise_descriptor_limit();
        let usual = Bounds {
            memory: options.memory,
            ..Bounds::of(descriptors)
        };
        let bounds = options.bounds.unwrap_or(usual);
        let notice = |severity, text: String| {
            events.tell(EventKind::Notice {
                severity,
                text: text.into(),
            })
        };
        for (severity, text) in notices {
            notice(severity, text);
        }
        let dir = dirs::choose(options.contacts.as_deref(), "contacts");
        if let Err(untrusted) = dirs::trusted(&dir, &["accounts.toml"]) {
            notice(Severity::Warning, untrusted.to_string());
        }
        let (store, roster, accounts) = contacts(&options)?;
        let unused = store.unused_pictures();
        if let Some(name) = unused.first() {
            let more = match unused.len() {
                1 => String::new(),
                many => format!(" (and {} more)", many - 1),
            };
            let text = format!(
                "{name}.png in {}{more} is the picture of no contact: name it like the account, or like what stands before the @ where no other contact has that",
                store.dir().display()
            );
            notice(Severity::Warning, text);
        }
        events.known().listed(accounts.passwords());
        let certificates = certificates(&options)?;
        let tickets = Arc::new(Tickets::with_life(options.ticket_life)?);
        events.known().tickets_begin_with(tickets.marker());
        let front = FrontDoor::with(&certificates, TlsBounds::default(), options.ssl3)?;
        let lacking = front.notice().map(str::to_owned);
        let hub = Arc::new(Hub::new(roster, events.clone()));
        hub.set(|settings| {
            settings.dialects = options.dialects;
            settings.strict = options.strict;
            settings.dispatch = options.dispatch;
            settings.utc_offset = options.utc_offset;
        });
        if let Some(every) = options.challenge {
            tokio::spawn(challenge(hub.clone(), every));
        }
        let address = |service| {
            doors
                .iter()
                .find(|d| d.service == service)
                .map(|d| d.address)
        };
        let port = |service, default| address(service).map_or(default, |a| a.port());
        let login = |service, default| {
            let port = port(service, default);
            if port == default {
                hosts::LOGIN.to_owned()
            } else {
                format!("{}:{port}", hosts::LOGIN)
            }
        };
        let site = Site::new(SiteConfig {
            hub: hub.clone(),
            tickets: tickets.clone(),
            accounts: accounts.clone(),
            public: options.public.clone(),
            login_https: login(Door::Https, 443),
            login_http: login(Door::Http, 80),
            root_der: Bytes::copy_from_slice(certificates.root_der()),
            root_fingerprint: certificates.fingerprint().to_owned(),
            root_sha1_fingerprint: certificates.sha1_fingerprint().to_owned(),
            root_signature: certificates.signature(),
            ports: Ports {
                http: port(Door::Http, 80),
                https: port(Door::Https, 443),
                notification: port(Door::Notification, 1863),
            },
            on_request: options.certificates.login_live,
            hosts_lines: hosts_lines(&options, address(Door::Http)),
        });
        let web = Arc::new(Web::new(site, front));
        let client_stop = CancellationToken::new();
        let client = address(Door::Notification).zip(address(Door::Https));
        let mut cast = client.map(|(notification, https)| Cast {
            notification,
            https,
            root: certificates.root_pem().to_vec(),
            accounts,
            hub: hub.clone(),
            events: events.clone(),
            stop: client_stop.clone(),
            runtime: Handle::current(),
            paced: Vec::new(),
            started: 0,
        });
        let service = Service::start(
            hub.clone(),
            tickets,
            events.clone(),
            options.public.clone(),
            Some(web),
            bounds,
            doors,
        );
        for address in without {
            notice(
                Severity::Info,
                format!("this machine has no IPv6: not listening on {address}"),
            );
        }
        for text in certificates.notices().iter().cloned().chain(lacking) {
            notice(Severity::Warning, text);
        }
        notice(
            Severity::Info,
            format!("root certificate {}", certificates.fingerprint()),
        );
        notice(
            Severity::Info,
            format!(
                "its SHA-1 fingerprint, which old systems show: {}",
                certificates.sha1_fingerprint()
            ),
        );
        if let Some(reason) = store.read_only().filter(|_| options.demo.is_none()) {
            notice(
                Severity::Warning,
                format!("the roster will not be saved: {reason}"),
            );
        }
        let keeper = Arc::new(Mutex::new(StoreKeeper(store)));
        let (commands, receiver) = mpsc::unbounded_channel();
        if let Some((cast, demo)) = cast.as_mut().zip(options.demo) {
            cast.begin(demo);
        }
        let obeying = tokio::spawn(obey(
            hub.clone(),
            service.switchboard().clone(),
            events.clone(),
            keeper.clone(),
            cast,
            receiver,
        ));
        let unsaved = watch::Sender::new(false);
        let autosave = options.autosave && options.demo.is_none();
        tokio::spawn(watch_over(
            hub,
            autosave.then(|| events.clone()),
            keeper.clone(),
            unsaved.clone(),
        ));
        tokio::spawn(keep_giving_back());
        Ok(Self {
            service,
            events,
            commands,
            obeying,
            keeper,
            unsaved,
            demo: options.demo.is_some(),
            autosave: options.autosave,
            client_stop,
        })
    }

    /// Whether the roster has changes that are in no file. It follows a moment after a change, and after a file was
    /// saved by itself.
    pub fn unsaved(&self) -> watch::Receiver<bool> {
        self.unsaved.subscribe()
    }

    /// Where commands go.
    pub fn commands(&self) -> mpsc::UnboundedSender<Command> {
        self.commands.clone()
    }

    /// Knows what is saved. It may be asked when the engine has ended.
    pub fn keeper(&self) -> Unsaved {
        Unsaved {
            hub: self.service.hub().clone(),
            keeper: self.keeper.clone(),
        }
    }

    /// Where events go.
    pub fn events(&self) -> &EventSink {
        &self.events
    }

    /// The service.
    pub fn service(&self) -> &Arc<Service> {
        &self.service
    }

    /// Runs until the command to quit, or until `stop` is cancelled; then ends everything in order. The
    /// stream of events is at its end once the runtime is gone too.
    pub async fn run(self, stop: CancellationToken) {
        let Self {
            service,
            events,
            commands,
            obeying,
            keeper,
            unsaved: _,
            demo,
            autosave,
            client_stop,
        } = self;
        tokio::select! {
            _ = obeying => {}
            () = stop.cancelled() => {}
        }
        drop(commands);
        service.end().await;
        client_stop.cancel();
        if autosave && !demo && !keeper.lock().unsaved(&service.hub().roster()).is_empty() {
            save(service.hub(), &keeper, &events).await;
        }
        if !demo {
            let unsaved = keeper.lock().unsaved(&service.hub().roster());
            if !unsaved.is_empty() {
                events.tell(EventKind::Notice {
                    severity: Severity::Warning,
                    text: say!("not saved, and lost: {}", unsaved.join(", ")),
                });
            }
        }
    }
}

/// Knows what of the roster differs from its files.
#[derive(Debug)]
pub struct Unsaved {
    hub: Arc<Hub>,
    keeper: Arc<Mutex<StoreKeeper>>,
}

impl Unsaved {
    /// What differs, a few words each.
    pub fn unsaved(&self) -> Vec<String> {
        self.keeper.lock().unsaved(&self.hub.roster())
    }
}

/// The roster's files, as the control task sees them.
#[derive(Debug)]
struct StoreKeeper(Store);

impl Keeper for StoreKeeper {
    fn save(
        &mut self,
        roster: &Roster,
        side: Option<Side>,
        apply: &mut dyn FnMut(Vec<Edit>) -> Result<Arc<Roster>, EditError>,
    ) -> Result<String, String> {
        match self.0.save_beside(roster, side, apply) {
            Ok(saved) => Ok(saved.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn unsaved(&self, roster: &Roster) -> Vec<String> {
        self.0.unsaved(roster)
    }
}

fn contacts(options: &Options) -> Result<(Store, Roster, Accounts), LoadErrors> {
    let dir = dirs::choose(options.contacts.as_deref(), "contacts");
    Store::open_in(&dir, options.demo.is_none(), options.domain.as_deref())
}

fn certificates(options: &Options) -> Result<Certificates, StartError> {
    let dir = dirs::choose(options.certs.as_deref(), "certs");
    dirs::trusted(&dir, FILES)?;
    if options.demo.is_some() {
        return Ok(Certificates::open_or_borrow(&dir, &options.certificates)?);
    }
    Ok(Certificates::open_or_init(&dir, &options.certificates)?)
}

fn hosts_lines(options: &Options, http: Option<SocketAddr>) -> String {
    let loopback: Vec<IpAddr> = http
        .map(|address| address.ip())
        .filter(IpAddr::is_loopback)
        .into_iter()
        .collect();
    let named = options.public.as_ref().and_then(Address::ip);
    let addresses = match named {
        Some(ip) => vec![ip],
        None if loopback.is_empty() => hosts_file::own_addresses(),
        None => loopback,
    };
    hosts_file::hosts_lines(&addresses, options.certificates.login_live)
}

/// Sends challenges at this interval.
async fn challenge(hub: Arc<Hub>, every: Duration) {
    let mut ticks = tokio::time::interval(every);
    // The first tick comes at once, when no client is there yet.
    ticks.tick().await;
    loop {
        ticks.tick().await;
        hub.challenge_all();
    }
}

/// How long after a change the roster is compared with its files. With `--autosave` it is saved after [`SAVES`]
/// instead.
const SETTLES: Duration = Duration::from_millis(200);
const SAVES: Duration = Duration::from_secs(1);

/// Says whether the roster has changes that are in no file; where it may, saves them first.
async fn watch_over(
    hub: Arc<Hub>,
    saves: Option<EventSink>,
    keeper: Arc<Mutex<StoreKeeper>>,
    unsaved: watch::Sender<bool>,
) {
    let mut changed = hub.changed();
    while changed.changed().await.is_ok() {
        tokio::time::sleep(if saves.is_some() { SAVES } else { SETTLES }).await;
        if let Some(events) = &saves {
            save(&hub, &keeper, events).await;
        }
        // Without a screen nobody listens.
        if unsaved.is_closed() {
            continue;
        }
        let (hub, keeper) = (hub.clone(), keeper.clone());
        let differs =
            tokio::task::spawn_blocking(move || !keeper.lock().unsaved(&hub.roster()).is_empty());
        // It is sent even if it is the same as before: who listens may have been told otherwise in between.
        unsaved.send_replace(differs.await.unwrap_or(true));
    }
}

/// Saves the roster as it is, and says only what goes wrong.
async fn save(hub: &Arc<Hub>, keeper: &Arc<Mutex<StoreKeeper>>, events: &EventSink) {
    if let Err(text) = control::save(hub.clone(), keeper.clone(), None).await {
        events.tell(EventKind::Notice {
            severity: Severity::Error,
            text: say!("autosave: {text}"),
        });
    }
}

/// Where a client on this machine reaches a door that is open on every interface.
fn loopback_of(address: SocketAddr) -> SocketAddr {
    if !address.ip().is_unspecified() {
        return address;
    }
    let ip = match address.ip() {
        IpAddr::V4(_) => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(_) => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
    };
    SocketAddr::new(ip, address.port())
}
