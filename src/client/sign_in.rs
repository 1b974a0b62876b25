//! The steps of a sign-in, by what the dialect has: how the client proves who it is, where its contacts come from, and
//! what it says of itself. The Mac's are the article's, in its order and words.

use super::book::Book;
use super::config::Method;
use super::connection::Line;
use super::error::ClientError;
use super::http::Web;
use super::lists::Listing;
use super::notification::{Client, Step, step};
use super::report::Saw;
use super::unread::UnreadLists;
use super::{passport, soap, tokens};
use crate::msnp::{Dialect, Family, Frame, Shape, dialect, percent, proof};
use std::sync::Arc;
use tokio::time::Instant;

/// What the service wants to see.
pub(super) enum Greeting {
    /// A ticket of Passport, asked for with these parameters.
    Parameters(Vec<u8>),
    /// A ticket of this policy, and a proof for this question.
    Question { policy: String, question: String },
    /// Another server.
    Referral(String),
}

/// What the client shows, and goes on with.
struct Papers {
    messenger: String,
    proof: Option<String>,
    contacts: String,
}

impl Client {
    /// The whole sign-in. The Mac's is the article's: VER to `USR I`, Passport, `USR S`, both SOAP services with a login
    /// before each, ADL to UUN.
    ///
    /// # Errors
    /// [`ClientError`], which names the step that failed and what was expected.
    pub async fn sign_in(&mut self) -> Result<(), ClientError> {
        let result = self.whole_sign_in().await;
        self.flush().await;
        result
    }

    async fn whole_sign_in(&mut self) -> Result<(), ClientError> {
        let greeting = self.greet().await?;
        let config = Arc::clone(&self.config);
        let web = Web::new(&config, self.software().agent)?;
        let book = match (self.shape.family, &greeting) {
            (Family::Mac, Greeting::Parameters(parameters)) => {
                self.as_the_mac(&web, parameters).await?
            }
            _ => self.as_the_others(&web, &greeting).await?,
        };
        self.arrive(&book).await?;
        self.settle().await
    }

    /// The Mac logs in before each service.
    async fn as_the_mac(&mut self, web: &Web, parameters: &[u8]) -> Result<Book, ClientError> {
        let config = Arc::clone(&self.config);
        let (software, reporter) = (self.software(), &mut self.reporter);
        let login = passport::nexus(web, reporter).await?;
        let ticket = passport::login(web, reporter, &config, &login, parameters).await?;
        self.show_ticket(&ticket, None).await?;
        let mut book = Book::default();
        for action in [&soap::FIND_MEMBERSHIP, &soap::AB_FIND_ALL] {
            let reporter = &mut self.reporter;
            let ticket = passport::login(web, reporter, &config, &login, parameters).await?;
            soap::ask(web, reporter, software, action, &ticket, &mut book).await?;
            self.reporter.flush().await;
        }
        Ok(book)
    }

    /// Every other client has its tickets at once, and begins with its contacts when its profile has come.
    async fn as_the_others(&mut self, web: &Web, greeting: &Greeting) -> Result<Book, ClientError> {
        let papers = self.papers(web, greeting).await?;
        self.show_ticket(&papers.messenger, papers.proof.as_deref())
            .await?;
        let rules = self.shape.rules();
        if rules.profile {
            self.profile().await?;
        }
        if rules.book != dialect::Book::Soap {
            return self.synchronise(rules.book).await;
        }
        let mut book = Book::default();
        let software = self.software();
        for action in [&soap::FIND_MEMBERSHIP, &soap::AB_FIND_ALL] {
            let (reporter, ticket) = (&mut self.reporter, &papers.contacts);
            soap::ask(web, reporter, software, action, ticket, &mut book).await?;
            self.reporter.flush().await;
        }
        Ok(book)
    }

    async fn papers(&mut self, web: &Web, greeting: &Greeting) -> Result<Papers, ClientError> {
        let config = Arc::clone(&self.config);
        let reporter = &mut self.reporter;
        let granted = match greeting {
            Greeting::Question { policy, question } => {
                let granted = tokens::by_policy(web, reporter, &config, policy).await?;
                let wrong = |why: String| ClientError::Config(format!("no proof: {why}"));
                let mut vector = [0; proof::VECTOR];
                openssl::rand::rand_bytes(&mut vector).map_err(|e| wrong(e.to_string()))?;
                let proof = proof::prove(&granted.secret, question, vector)
                    .map_err(|_| wrong("the secret of the ticket is not base64".to_owned()))?;
                return Ok(Papers {
                    messenger: granted.messenger,
                    proof: Some(proof),
                    contacts: granted.contacts,
                });
            }
            Greeting::Parameters(parameters) if config.method == Method::Rst => {
                let parameters = String::from_utf8_lossy(parameters);
                tokens::by_parameters(web, reporter, &config, &parameters).await?
            }
            Greeting::Parameters(parameters) => {
                let login = passport::nexus(web, reporter).await?;
                let ticket = passport::login(web, reporter, &config, &login, parameters).await?;
                tokens::Granted {
                    messenger: ticket.clone(),
                    contacts: ticket,
                    secret: String::new(),
                }
            }
            Greeting::Referral(_) => tokens::Granted::default(),
        };
        Ok(Papers {
            messenger: granted.messenger,
            proof: None,
            contacts: granted.contacts,
        })
    }

    /// VER, CVR, USR I; a referral to another server is followed once. Returns what the service wants to see.
    pub(super) async fn greet(&mut self) -> Result<Greeting, ClientError> {
        loop {
            match self.introduce().await? {
                Greeting::Referral(host) => {
                    if std::mem::replace(&mut self.referred, true) {
                        return Err(ClientError::Unexpected {
                            after: self.line.after.clone(),
                            got: format!("XFR to {host}"),
                            expected: "no second referral".to_owned(),
                        });
                    }
                    if let Some(why) = self.config.reach.forbids(&host) {
                        return Err(ClientError::Config(why));
                    }
                    self.tell(Saw::Referred { to: host.clone() });
                    self.line.shut().await;
                    self.line = Line::open(&host, self.config.patience).await?;
                    self.next = 1;
                    self.tell(Saw::Connected { address: host });
                }
                wanted => return Ok(wanted),
            }
        }
    }

    async fn introduce(&mut self) -> Result<Greeting, ClientError> {
        const VER: Step = step(
            "VER with one of the dialects that were offered",
            "it speaks none of the dialects that were offered, or it is no notification service (1863 is its usual port)",
        );
        let offered: Vec<Dialect> = self.config.offered().collect();
        let names: Vec<String> = offered.iter().map(Dialect::to_string).collect();
        let offer = format!("{} CVR0", names.join(" "));
        let answer = self.ask("VER", &offer, None, &VER).await?;
        let chosen = answer.tokens().nth(2).and_then(Dialect::from_token);
        let Some(chosen) = chosen.filter(|chosen| offered.contains(chosen)) else {
            return Err(self.unexpected(&answer, VER.expected));
        };
        self.shape = Shape::new(chosen, self.config.family);
        self.window.begin(self.shape, &self.config.account);

        const CVR: Step = step(
            "CVR with five values",
            "it does not take this client's version",
        );
        let version = format!("{} {}", self.software().version, self.config.account);
        self.ask("CVR", &version, None, &CVR).await?;

        const TWN: Step = step(
            "USR TWN S and parameters, or a referral",
            "it takes no sign-in by TWN from this client",
        );
        const SSO: Step = step(
            "USR SSO S with a policy and a question, or a referral",
            "it takes no sign-in by SSO from this client",
        );
        let (word, step) = match self.config.method {
            Method::Sso => ("SSO", SSO),
            Method::Twn | Method::Rst => ("TWN", TWN),
        };
        let hello = format!("{word} I {}", self.config.account);
        let answer = self.ask("USR", &hello, None, &step).await?;
        let tokens: Vec<&[u8]> = answer.tokens().collect();
        let text = |token: &[u8]| String::from_utf8_lossy(token).into_owned();
        match (self.config.method, tokens.as_slice()) {
            (_, [b"XFR", _, b"NS", host, ..]) => Ok(Greeting::Referral(text(host))),
            (Method::Sso, [_, _, b"SSO", b"S", policy, question, ..]) => Ok(Greeting::Question {
                policy: text(policy),
                question: text(question),
            }),
            (Method::Twn | Method::Rst, [_, _, b"TWN", b"S", parameters @ ..])
                if !parameters.is_empty() =>
            {
                Ok(Greeting::Parameters(parameters.join(&b' ')))
            }
            _ => Err(self.unexpected(&answer, step.expected)),
        }
    }

    pub(super) async fn show_ticket(
        &mut self,
        ticket: &str,
        proof: Option<&str>,
    ) -> Result<(), ClientError> {
        const USR: Step = step("USR OK", "the ticket was refused");
        let mut words = match proof {
            Some(proof) => format!("SSO S {ticket} {proof}"),
            None => format!("TWN S {ticket}"),
        };
        if self.shape.rules().endpoints {
            words.push(' ');
            words.push_str(&self.config.endpoint_guid());
        }
        let answer = self.ask("USR", &words, None, &USR).await?;
        if answer.tokens().nth(2) != Some(b"OK") {
            return Err(self.unexpected(&answer, USR.expected));
        }
        Ok(())
    }

    /// Waits for the message with the account's profile.
    async fn profile(&mut self) -> Result<(), ClientError> {
        self.refused = "it sends no profile, and clients wait for one";
        let deadline = Instant::now() + self.config.patience;
        let is_it = |frame: &Frame| {
            frame.verb() == b"MSG"
                && frame.payload().is_some_and(|text| {
                    String::from_utf8_lossy(text).contains("text/x-msmsgsprofile")
                })
        };
        loop {
            let expected = "MSG Hotmail Hotmail with the profile";
            if is_it(&self.take(deadline, expected).await?.0) {
                return Ok(());
            }
        }
    }

    /// SYN, and the lists that follow it.
    async fn synchronise(&mut self, kind: dialect::Book) -> Result<Book, ClientError> {
        const SYN: Step = step(
            "SYN with the count of contacts and groups",
            "it has no lists",
        );
        let unknown = match kind {
            dialect::Book::Numbers => "0",
            _ => "0 0",
        };
        let answer = self.ask("SYN", unknown, None, &SYN).await?;
        let wrong = |got: &Frame, why: UnreadLists| ClientError::Unexpected {
            after: "SYN".to_owned(),
            got: super::mask::masked(crate::msnp::Direction::Out, got.line()),
            expected: format!("lists that can be read: {why}"),
        };
        let mut listing = Listing::announced(&answer).map_err(|why| wrong(&answer, why))?;
        let mut book = Book::default();
        let deadline = Instant::now() + self.config.patience;
        while !listing.is_whole() {
            let (frame, _) = self
                .take(deadline, "as many LSG and LST as SYN announced")
                .await?;
            listing
                .take(kind, &frame, &mut book)
                .map_err(|why| wrong(&frame, why))?;
        }
        const GCF: Step = step("GCF with the shields", "it has no shields");
        if self.shape.rules().personal_message {
            self.ask("GCF", "Shields.xml", None, &GCF).await?;
        }
        Ok(book)
    }

    /// The lists, the name and the status: after it the server tells who is seen.
    pub(super) async fn arrive(&mut self, book: &Book) -> Result<(), ClientError> {
        self.window.open(book);
        self.tell(Saw::Book {
            accounts: book.len(),
        });
        let rules = self.shape.rules();
        if rules.book == dialect::Book::Soap {
            const ADL: Step = step("ADL OK", "it does not take the list of contacts");
            for payload in book.payloads() {
                self.ask("ADL", "", Some(&payload), &ADL).await?;
            }
            let name = self
                .config
                .friendly_name
                .as_ref()
                .or(book.own_name.as_ref())
                .unwrap_or(&self.config.account);
            let name = format!("MFN {}", percent::encode(name));
            const PRP: Step = step("ACK PRP, or PRP itself", "the friendly name was refused");
            self.ask("PRP", &name, None, &PRP).await?;
            const BLP: Step = step("ACK BLP, or BLP itself", "the privacy setting was refused");
            self.ask("BLP", "AL", None, &BLP).await?;
        }
        if self.shape.family == Family::Windows {
            self.describe().await?;
        }
        self.change_status(self.config.status).await
    }

    /// What the client says of itself, as far as the dialect knows it.
    async fn describe(&mut self) -> Result<(), ClientError> {
        const UUX: Step = step("ACK UUX, or UUX 0", "what it says of itself was refused");
        let rules = self.shape.rules();
        let own = "<Data><PSM></PSM><CurrentMedia></CurrentMedia></Data>".to_owned();
        let mut payloads = Vec::new();
        if rules.personal_message {
            payloads.push(own);
        }
        if rules.endpoints {
            let capabilities = self.capabilities();
            payloads.push(format!(
                "<EndpointData><Capabilities>{capabilities}</Capabilities></EndpointData>"
            ));
            payloads.push(format!(
                "<PrivateEndpointData><EpName>{}</EpName><ClientType>1</ClientType></PrivateEndpointData>",
                quick_xml::escape::escape(self.config.endpoint.as_str())
            ));
        }
        for payload in payloads {
            self.ask("UUX", "", Some(&payload), &UUX).await?;
        }
        Ok(())
    }

    /// The rest of the sign-in. The Mac: UUX three times, URL three times, UUN. Others: a ping.
    pub(super) async fn settle(&mut self) -> Result<(), ClientError> {
        match self.shape.family {
            Family::Mac => self.settle_the_mac().await?,
            Family::Windows => drop(self.ping().await?),
        }
        self.refused = "the session was ended without a word";
        let signed_in = Saw::SignedIn {
            account: self.config.account.clone(),
            visible: self.window.visible(),
        };
        self.tell(signed_in);
        self.flush().await;
        Ok(())
    }

    async fn settle_the_mac(&mut self) -> Result<(), ClientError> {
        self.describe().await?;
        const URL: Step = step("URL with an address", "it has no such page");
        for service in ["MOBILE", "PROFILE 0x0409", "CHGMOB"] {
            self.ask("URL", service, None, &URL).await?;
        }
        const UUN: Step = step(
            "ACK UUN, or UUN OK",
            "the message to its own endpoints was refused",
        );
        let to = format!("{} 8", self.config.account);
        self.ask("UUN", &to, Some("ignore me"), &UUN)
            .await
            .map(drop)
    }
}
